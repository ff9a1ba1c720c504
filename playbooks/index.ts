/** The public door of playbooks: plan, approve, execute, resume, undo. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { equals } from '../core/conditions/tree.ts';
import type { Incident, JournalEntry, Run } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { type Inventory, noInventory } from '../core/inventory.ts';
import type { Store } from '../core/store.ts';
import type { TargetsSettings } from '../targets/settings.ts';
import type { Action } from './action.ts';
import { actions as everyAction } from './actions/index.ts';
import { approveRun, type Person, refuseRun, startRun } from './engine/approve.ts';
import { startFor } from './engine/automatic.ts';
import type { Automation } from './engine/automation-policy.ts';
import { breakGlass, REVIEW, review } from './engine/break-glass.ts';
import { type Concern, concernsOf } from './engine/concerns.ts';
import type { Drivers, Engine, IncidentRef, Privileges } from './engine/engine.ts';
import { escalateDue } from './engine/escalate.ts';
import { executeRun } from './engine/execute.ts';
import type { Flow } from './engine/flow.ts';
import { readJournal } from './engine/journal.ts';
import { release, type Stopped, stopAll, stopped } from './engine/kill-switch.ts';
import { LEASE_MS } from './engine/lease.ts';
import { loadFlows } from './engine/load-flows.ts';
import { type PlannedFlow, planFlow } from './engine/planner.ts';
import { loadPolicies } from './engine/policies.ts';
import { type Answer, answerStep } from './engine/question.ts';
import type { Reasoned } from './engine/reasons.ts';
import { readRun, unfinishedRuns } from './engine/runs.ts';
import { abandonRun, resumeRun, skipStep } from './engine/settle.ts';
import { undoRun } from './engine/undo.ts';
import { type Reach, reachChains } from './on-call/reach.ts';

export { actions } from './actions/index.ts';
export { toCacao } from './cacao/export.ts';
export { importFlow } from './cacao/import-flow.ts';
export type { Person } from './engine/approve.ts';
export { isApproved } from './engine/approve.ts';
export type { Concern, ConcernKind } from './engine/concerns.ts';
export { MAX_EVIDENCE_BYTES } from './engine/doors.ts';
export type { IncidentRef } from './engine/engine.ts';
export type { Flow } from './engine/flow.ts';
export { loadFlows } from './engine/load-flows.ts';
export type { PlannedFlow } from './engine/planner.ts';
export { loadPolicies } from './engine/policies.ts';
export type { Answer } from './engine/question.ts';
export { type KeptFile, readKept, readPiece } from './kept-evidence.ts';
export { type Reach, reachChains } from './on-call/reach.ts';
export { joined as joinedAdvisory, readAdvisories } from './patching/advisories.ts';
export { openPatching, type Patching } from './patching/patching.ts';
export { changedTasks, raisesOf, URGENCY } from './patching/tasks.ts';
export { readUpdateReport } from './patching/update-report.ts';
export { type WaveReport, waveReport, waveReportText } from './patching/wave-report.ts';
export { REVIEW };

export interface PlaybooksOptions {
  readonly store: Pick<Store, 'documents' | 'leases' | 'events'>;
  readonly targets: TargetsSettings;
  /** Folder with `approvals.yml` and `protected.yml`. */
  readonly policiesFolder: string;
  readonly flowsFolder: string;
  readonly actions?: readonly Action[];
  /** How privileged access is ended; only reading it is possible when left out. */
  readonly privileges?: Privileges;
  /** For test beds without the database. */
  readonly drivers?: Drivers;
  /** Approvers who are known otherwise than by a token or the policy, for instance by a group of the directory. */
  readonly approvers?: () => Promise<readonly string[]>;
  /** What there is and what needs it (`core/inventory.ts`); nothing when left out. */
  readonly inventory?: () => Inventory;
  /** Names and addresses of the machines of Vigia's own store, which playbooks leave alone. */
  readonly ownHosts?: readonly string[];
  readonly now?: () => number;
  readonly monotonic?: () => number;
  /** For proofs that cannot wait for a whole lease. */
  readonly leaseMs?: number;
  /** Names this process among those that execute runs. */
  readonly owner?: string;
  /** The timer behind time limits of steps. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** For the crash proof: called before and after every journal write and every call that changes a target. */
  readonly onCut?: (point: string) => Promise<void> | void;
}

export interface Playbooks {
  flows(): Flow[];
  /** Reads targets and changes nothing; throws `errors.refused` when something protected would be touched. */
  plan(flow: string, input: Readonly<Record<string, unknown>>, incident?: IncidentRef): Promise<PlannedFlow>;
  /** Plans and asks for approval. `seen` is the hash of the plan that the requester looked at. */
  start(
    flow: string,
    input: Readonly<Record<string, unknown>>,
    by: string,
    options?: { incident?: IncidentRef; seen?: string },
  ): Promise<Run>;
  approve(run: string, person: Person & { planHash: string }): Promise<Run>;
  refuse(run: string, person: Person & { reason: string }): Promise<Run>;
  /** In the place of the approvals that are lacking; somebody else owes a written review then. */
  breakGlass(run: string, person: Person & { planHash: string; reason: string }): Promise<Run>;
  /** Does the steps of an approved run; after a crash it goes on. Returns when the run ends or stops. */
  execute(run: string, by?: string): Promise<Run>;
  /** A person answers what a step asks; the run goes on. */
  answer(run: string, step: number, person: Person, answer: Answer): Promise<Run>;
  /** Tries again what was never started, and verifies again what could not be proven. */
  resume(run: string, by: string): Promise<Run>;
  skip(run: string, step: number, why: Reasoned): Promise<Run>;
  abandon(run: string, why: Reasoned): Promise<Run>;
  undo(run: string, person: Person & { reason: string }): Promise<Run>;
  /** The kill switch: who stopped everything, if somebody did. */
  stopped(): Promise<Stopped | undefined>;
  stopAll(why: Reasoned): Promise<Stopped>;
  release(why: Reasoned): Promise<void>;
  /** Escalates what nobody approved and asks for reviews that are owed; returns what people must hear. */
  attend(): Promise<Concern[]>;
  /** The policy as it is now. */
  automation(): Automation;
  /** Whether those on call can be reached, asked of the channels only. */
  reach(): Promise<Reach[]>;
  /** Starts what `policies/automation.yml` says for a fresh incident; `tell` hears what is left to people. */
  startFor(incident: Incident, tell: (concern: Concern) => Promise<void>): Promise<void>;
  /** Runs that `execute` would move: approved, left by a process that died, or waiting for longer than they may. */
  unfinished(): Promise<Run[]>;
  run(id: string): Promise<Run>;
  journal(run: string): Promise<JournalEntry[]>;
}

export function playbooks(options: PlaybooksOptions): Playbooks {
  const actions = options.actions ?? everyAction;
  const engine: Engine = {
    store: options.store,
    targets: options.targets,
    ...(options.drivers ? { drivers: options.drivers } : {}),
    ...(options.privileges ? { privileges: options.privileges } : {}),
    actions,
    flows: () => loadFlows(options.flowsFolder, actions, windowsOf(options.policiesFolder)),
    policies: () => loadPolicies(options.policiesFolder),
    approvers: async () => [
      ...(await approversOf(options.store, now())),
      ...((await options.approvers?.()) ?? []),
    ],
    now,
    monotonic: options.monotonic ?? (() => performance.now()),
    ...(options.wait ? { wait: options.wait } : {}),
    inventory: options.inventory ?? (() => noInventory),
    ownHosts: options.ownHosts ?? [],
    leaseMs: options.leaseMs ?? LEASE_MS,
    newId: randomUUID,
    journalled: new Map(),
    memory: { sequence: 0 },
    owner: options.owner ?? `${hostname()}/${process.pid}/${randomUUID()}`,
    cut: options.onCut ?? (() => undefined),
  };
  function now(): number {
    return options.now?.() ?? Date.now();
  }
  const find = (id: string): Flow => {
    const flow = engine.flows().get(id);
    if (flow === undefined) throw errors.notFound('flow', id);
    return flow;
  };
  return {
    flows: () => [...engine.flows().values()],
    plan: (flow, input, incident) => planFlow(engine, find(flow), input, incident),
    async start(flow, input, by, { incident, seen } = {}) {
      const plan = await planFlow(engine, find(flow), input, incident);
      if (seen !== undefined && seen !== plan.planHash)
        throw errors.refused(
          `the plan of ${flow} is no longer the one that was looked at`,
          'plan again and look at the changes',
        );
      return await startRun(engine, plan, by);
    },
    approve: (run, person) => approveRun(engine, run, person),
    refuse: (run, person) => refuseRun(engine, run, person),
    breakGlass: (run, person) => breakGlass(engine, run, person),
    stopped: () => stopped(engine),
    stopAll: (why) => stopAll(engine, why),
    release: (why) => release(engine, why),
    async attend() {
      await escalateDue(engine);
      await review(engine);
      return await concernsOf(engine);
    },
    automation: () => engine.policies().automation,
    reach: () => reachChains(engine.policies().onCall, engine.targets, now),
    startFor: (incident, tell) => startFor(engine, incident, tell),
    execute: (run, by = 'vigia') => executeRun(engine, run, by),
    async answer(run, step, person, answer) {
      const answered = await answerStep(engine, run, step, person, answer);
      const goesOn = ['running', 'compensating'].includes(answered.state);
      return goesOn ? await executeRun(engine, run, person.by) : answered;
    },
    resume: (run, by) => resumeRun(engine, run, by),
    skip: (run, step, why) => skipStep(engine, run, step, why),
    abandon: (run, why) => abandonRun(engine, run, why),
    undo: (run, person) => undoRun(engine, run, person),
    unfinished: () => unfinishedRuns(engine),
    run: (id) => readRun(engine, id),
    journal: (run) => readJournal(engine, run),
  };
}

const windowsOf = (folder: string): string[] => loadPolicies(folder).windows.windows.map(({ id }) => id);

/** Holders of a token with the role approver that still works. */
async function approversOf(store: PlaybooksOptions['store'], now: number): Promise<string[]> {
  const names = new Set<string>();
  let after: string | undefined;
  do {
    const page = await store.documents.find('token', {
      where: equals('roles', 'approver'),
      ...(after === undefined ? {} : { after }),
    });
    for (const { body } of page.found)
      if (body.revoked === undefined && Date.parse(body.expires) > now) names.add(body.user);
    after = page.next;
  } while (after !== undefined);
  return [...names];
}
