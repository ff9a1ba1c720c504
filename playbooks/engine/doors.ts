/** The doors from an action to the rest of Vigia: it keeps evidence with its step, reads the events of an incident, and ends privileged access. */
import { createHash } from 'node:crypto';
import { equals, isIn } from '../../core/conditions/tree.ts';
import type { PlannedStep, Run } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { everyDocument, findAll } from '../../core/find-all.ts';
import type { AccessDoor, EventsDoor, EvidenceDoor, KeptFile } from '../action.ts';
import { OPEN_STATES } from '../pam.ts';
import { type Engine, write } from './engine.ts';

/** A document of the store holds no more; longer files are kept in parts. */
export const MAX_EVIDENCE_BYTES = 1_048_576;

export interface Doors {
  now(): number;
  readonly evidence: EvidenceDoor;
  readonly events: EventsDoor;
  readonly access: AccessDoor;
}

/** While nothing acts there is no step to keep anything with. */
export const doorsOf = (
  engine: Pick<Engine, 'store' | 'now' | 'cut' | 'fence' | 'privileges'>,
  at?: { readonly run: Run; readonly step: PlannedStep; readonly by: string },
): Doors => ({
  now: () => engine.now(),
  evidence: {
    async keep(name, content) {
      if (at === undefined) throw new Error('evidence is kept by a step that acts');
      return await keepEvidence(engine, at.run, at.step, at.by, { name, content });
    },
    async list() {
      if (at === undefined) return [];
      const files: KeptFile[] = [];
      const where = equals('run', at.run.id);
      for await (const { body } of everyDocument(engine.store.documents, 'evidence', { where }))
        if (body.step === at.step.index)
          files.push({ name: body.name, content: Buffer.from(body.content, 'base64') });
      return files;
    },
  },
  access: accessDoor(
    engine,
    at === undefined ? 'a playbook' : `playbook ${at.run.number}, step ${at.step.index + 1}`,
  ),
  events: {
    async *of(incident) {
      const alerts = everyDocument(engine.store.documents, 'alert', { where: equals('incident', incident) });
      const seen = new Set<string>();
      for await (const { body } of alerts) {
        const ids = body.events.filter((id) => !seen.has(id));
        for (const id of ids) seen.add(id);
        const found = await engine.store.events.get(ids);
        yield {
          alert: body.id,
          events: ids.map((id, index) => ({
            id,
            ...(found[index] === undefined ? {} : { event: found[index] }),
          })),
          unlisted: Math.max(0, body.eventCount - body.events.length),
        };
      }
    },
  },
});

function accessDoor(
  { store: { documents }, privileges }: Pick<Engine, 'store' | 'privileges'>,
  why: string,
): AccessDoor {
  const given = () => {
    if (privileges !== undefined) return privileges;
    throw errors.refused('nothing here gives privileged access', 'run it where the service runs');
  };
  return {
    open: async () =>
      (await findAll(documents, 'access', { where: isIn('state', OPEN_STATES), sort: ['id'] })).map(
        ({ body }) => body,
      ),
    async get(id) {
      const found = await documents.get('access', id);
      if (found === undefined) throw errors.notFound('access', id);
      return found.body;
    },
    end: async (id) => void (await given().end(id, why)),
    standing: (groups) => given().standing(groups),
  };
}

/** The same file twice is kept once. */
export async function keepEvidence(
  engine: Pick<Engine, 'store' | 'now' | 'cut' | 'fence'>,
  run: Run,
  { index }: PlannedStep,
  by: string,
  { name, content }: KeptFile,
): Promise<string> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const body = {
    run: run.id,
    step: index,
    at: new Date(engine.now()).toISOString(),
    by,
    name: name.slice(0, 256),
    size: content.length,
    sha256,
    content: Buffer.from(content).toString('base64'),
  };
  await write(engine, 'evidence', () =>
    engine.store.documents.create('evidence', `${run.id}/${index}/${sha256}`, body),
  );
  return sha256;
}
