/** The two doors from an action to the store: it keeps evidence with its step, and reads the events of an incident. */
import { createHash } from 'node:crypto';
import { equals } from '../../core/conditions/tree.ts';
import type { PlannedStep, Run } from '../../core/documents.ts';
import { everyDocument } from '../../core/find-all.ts';
import type { EventsDoor, EvidenceDoor, KeptFile } from '../action.ts';
import { type Engine, write } from './engine.ts';

/** A document of the store holds no more; longer files are kept in parts. */
export const MAX_EVIDENCE_BYTES = 1_048_576;

export interface Doors {
  now(): number;
  readonly evidence: EvidenceDoor;
  readonly events: EventsDoor;
}

/** While nothing acts there is no step to keep anything with. */
export const doorsOf = (
  engine: Pick<Engine, 'store' | 'now' | 'cut' | 'fence'>,
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
