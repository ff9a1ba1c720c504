/** One life of Vigia, which the crash proof ends or interrupts: asks for a run through the API, approves, executes, answers and undoes, or goes on where another one stopped. */
import { appendFileSync } from 'node:fs';
import Fastify from 'fastify';
import { equals } from '../../../core/conditions/tree.ts';
import type { Role, Run } from '../../../core/documents.ts';
import { VigiaError } from '../../../core/errors.ts';
import { LEASE_MS } from '../../../playbooks/engine/lease.ts';
import { isApproved, type Playbooks, playbooks } from '../../../playbooks/index.ts';
import { answerTo } from '../../../server/api/answer-to.ts';
import { runRoutes } from '../../../server/api/runs.ts';
import type { Parts } from '../../../server/parts.ts';
import type { TargetsSettings } from '../../../targets/settings.ts';
import { incidentRef, plantIncident } from '../planted-incident.ts';
import { openPlace, type StorePlace } from './proof-store.ts';

export interface LifeOptions {
  readonly place: StorePlace;
  readonly flow: string;
  readonly targets: TargetsSettings;
  readonly flowsFolder: string;
  readonly policiesFolder: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Id of the incident that the run is for. */
  readonly incident?: string;
  readonly wellEnough: Readonly<Record<string, string>>;
  /** Of this case alone: how its runs are found. */
  readonly requester: string;
  /** What is cut into pieces: the run until it ends, or that it is undone afterwards. */
  readonly phase: 'run' | 'undo';
  /** At this point of the phase, counting from 1, the process kills or stops itself; 0 never. */
  readonly cutAt: number;
  readonly how: 'kill' | 'stop';
  /** Receives one line for each point, so that the parent knows where it was. */
  readonly points: string;
}

/** A process that met a refusal ends with this, for instance because it woke after its lease. */
export const REFUSED = 7;

// A person may leave a run with a step that was started and never sent; then a new run with a new approval is made.
const RUNS = 2;
/** Further than any story goes: what cannot be taken back must not hang the proof. */
const UNDOS = 3;

export async function live(options: LifeOptions): Promise<void> {
  let count = 0;
  let skipped = 0;
  let isPhase = options.phase === 'run';
  const now = () => performance.now() + skipped;
  const passLease = () => {
    skipped += LEASE_MS;
  };
  const store = await openPlace(options.place, now);
  const vigia = playbooks({
    store,
    targets: options.targets,
    flowsFolder: options.flowsFolder,
    policiesFolder: options.policiesFolder,
    monotonic: now,
    onCut: async (point) => {
      if (!isPhase) return;
      count += 1;
      appendFileSync(options.points, `${point}\n`);
      if (count !== options.cutAt) return;
      const woken = new Promise<void>((resolve) => process.once('SIGCONT', () => resolve()));
      // Waiting for a signal alone keeps no process alive.
      const alive = setInterval(() => undefined, 1_000);
      // Before it sleeps: whatever wakes first, another branch perhaps, must see that the time has passed.
      passLease();
      process.kill(process.pid, options.how === 'kill' ? 'SIGKILL' : 'SIGSTOP');
      // Nothing may run between the request for the signal and its arrival.
      await woken;
      clearInterval(alive);
    },
  });
  const incident = options.incident === undefined ? undefined : incidentRef(options.incident);
  if (incident !== undefined) await plantIncident(store, incident);
  let executing: Promise<unknown> = Promise.resolve();
  const execute = (id: string) => {
    executing = whenFree(() => vigia.execute(id), passLease);
    // Met below.
    executing.catch(() => undefined);
  };
  const incidents = { show: async () => ({ incident }) };
  const call = caller({ playbooks: vigia, store, execute, incidents }, passLease);
  const newest = async (): Promise<{ last: Run | undefined; runs: number }> => {
    const where = equals('requestedBy', options.requester);
    const { found } = await store.documents.find('run', { where, sort: ['-number'] });
    return { last: found[0]?.body, runs: found.length };
  };
  const isUndoing = async ({ id }: Run) =>
    options.phase === 'undo' && (await vigia.journal(id)).some(({ entry }) => entry === 'undo-started');
  try {
    for (;;) {
      const { last, runs } = await newest();
      const isOver = async (run: Run) =>
        isWell(run, options.wellEnough) || runs >= RUNS || (await isUndoing(run));
      if (last !== undefined && isEnded(last) && (await isOver(last))) break;
      const isNew = last === undefined || isEnded(last);
      const { run } = isNew
        ? await call(options.requester, 'responder', '', {
            flow: options.flow,
            input: options.input,
            ...(incident ? { incident: incident.id } : {}),
          })
        : { run: last };
      if (!isApproved(run)) await call('olga', 'approver', `/${run.id}/approve`, { planHash: run.planHash });
      // One that needs nobody's consent is executed by the call that asked for it.
      else if (!isNew) execute(run.id);
      await executing;
      await answerAll(vigia, run.id, call);
    }
    isPhase = true;
    for (let tries = 0; options.phase === 'undo' && tries < UNDOS; tries += 1) {
      const { last } = await newest();
      if (last!.state === 'undone') break;
      await call('olga', 'approver', `/${last!.id}/undo`, { reason: 'it was an exercise' });
    }
  } finally {
    await store.close();
  }
}

const isEnded = ({ state }: Run): boolean => state !== 'waiting' && state !== 'running';
const isWell = ({ steps }: Run, wellEnough: LifeOptions['wellEnough']): boolean =>
  steps.every(({ action, outcome, detail = '' }) => {
    const enough = wellEnough[action];
    return outcome === 'proven' || outcome === 'skipped' || (enough !== undefined && detail.includes(enough));
  });

type Call = (who: string, role: Role, path: string, body: object) => Promise<{ run: Run }>;

/** The person does what was asked once, whatever became of the answer, and answers until somebody takes it. */
async function answerAll(vigia: Playbooks, id: string, call: Call): Promise<void> {
  for (;;) {
    const run = await vigia.run(id);
    const asked = (await vigia.journal(id)).filter(({ entry }) => entry === 'asked').map(({ step }) => step);
    const step = run.steps.find(({ index, outcome }) => outcome === undefined && asked.includes(index));
    if (run.state !== 'running' || step === undefined) return;
    const content = Buffer.from(`seen: ${step.name}`).toString('base64');
    const evidence = { name: 'seen.txt', content };
    await call('rui', 'responder', `/${id}/answer`, { step: step.index, done: true, text: 'done', evidence });
  }
}

/** The routes of runs alone, over the engine that the proof cuts; who calls stands in a header. */
function caller(
  parts: Pick<Parts, 'playbooks' | 'store' | 'execute'> & { incidents: object },
  passLease: () => void,
): Call {
  const app = Fastify();
  app.decorateRequest('identity', null as never);
  app.addHook('onRequest', async (request) => {
    const [user = '', role] = String(request.headers['x-person']).split(' ');
    request.identity = { user, roles: [role as Role] };
  });
  app.setErrorHandler(async (cause, _request, reply) => {
    const { status, body } = answerTo(cause);
    return reply.code(status).send(body);
  });
  // The routes of runs use no other part, and of incidents only that one is shown.
  app.register(runRoutes(parts as unknown as Parts));
  return (who, role, path, payload) =>
    whenFree(async () => {
      const headers = { 'x-person': `${who} ${role}` };
      const answer = await app.inject({ method: 'POST', url: `/api/v1/runs${path}`, headers, payload });
      if (answer.statusCode < 300) return answer.json() as { run: Run };
      const { error } = answer.json() as { error: { code: string; message: string } };
      throw new VigiaError(error.message, { code: error.code, exitCode: 1, status: answer.statusCode });
    }, passLease);
}

/** The process that died or sleeps still holds the lease: instead of waiting, the clock of this one is moved. */
async function whenFree<T>(work: () => Promise<T>, passLease: () => void): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof VigiaError) || cause.code !== 'conflict') throw cause;
    passLease();
    return await work();
  }
}
