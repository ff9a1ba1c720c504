/** Keeps the events behind an incident with the run, as they are stored, each with its SHA-256: evidence that outlives retention. */
import { createHash } from 'node:crypto';
import { canonical } from '../../core/canonical.ts';
import { errors } from '../../core/errors.ts';
import { type ActionContext, action } from '../action.ts';
import { keepFiles, proveFiles, type Taken } from '../manifest.ts';

interface Input {
  readonly incident: string;
  readonly maxEvents: number;
}

interface Counts {
  readonly alerts: number;
  readonly events: number;
  /** No longer stored. */
  readonly gone: number;
  /** Counted by alerts that name only their first events. */
  readonly unlisted: number;
}

export const evidenceExportSearch = action<
  Input,
  Counts,
  { manifest: string; files: number; missing: number }
>({
  id: 'evidence.export-search',
  title: 'Keep the events of an incident as evidence',
  risk: 'read',
  input: {
    type: 'object',
    required: ['incident'],
    additionalProperties: false,
    properties: {
      incident: {
        type: 'string',
        minLength: 1,
        maxLength: 256,
        description: 'Id of the incident; in a flow {{incident.id}}.',
      },
      maxEvents: {
        type: 'integer',
        minimum: 1,
        maximum: 100_000,
        default: 10_000,
        description: 'More events than this refuse the step.',
      },
    },
  },
  async plan({ incident, maxEvents }, ctx) {
    const counts = await count(incident, ctx);
    if (counts.alerts === 0) throw errors.notFound('alerts of the incident', incident);
    return {
      plan: {
        targets: [{ system: 'vigia', identity: incident, name: incident }],
        changes: [],
        stays: ['the events themselves: retention deletes them in its time, the copies stay'],
        undo: 'nothing was changed; what is kept as evidence cannot be taken away',
        proof: 'reads the kept files back and computes their SHA-256 again',
        bounds: { events: maxEvents },
        observed: { ...counts },
      },
      subjects: [],
      before: counts,
    };
  },
  async act({ input: { incident }, plan }, ctx) {
    const counts = await count(incident, ctx);
    if (counts.events > (plan.bounds['events'] ?? 0))
      throw errors.refused(
        'the incident has more events than approved',
        'plan again with a higher maxEvents',
      );
    return await keepFiles(
      ctx.evidence,
      { of: incident, at: new Date(ctx.now()).toISOString(), facts: { ...counts } },
      filesOf(incident, ctx),
    );
  },
  verify: async ({ before }, ctx) => {
    const proof = await proveFiles(ctx.evidence);
    const left = [
      ...(before.gone > 0 ? [`${before.gone} events are no longer stored`] : []),
      ...(before.unlisted > 0
        ? [`${before.unlisted} events are counted by alerts that do not name them`]
        : []),
    ];
    return left.length === 0 ? proof : { ...proof, detail: `${proof.detail}; not in it: ${left.join(', ')}` };
  },
  undo: 'nothing was changed; what is kept as evidence cannot be taken away',
});

async function count(incident: string, { events: door }: ActionContext): Promise<Counts> {
  let counts: Counts = { alerts: 0, events: 0, gone: 0, unlisted: 0 };
  for await (const { events, unlisted } of door.of(incident)) {
    const stored = events.filter(({ event }) => event !== undefined).length;
    counts = {
      alerts: counts.alerts + 1,
      events: counts.events + stored,
      gone: counts.gone + events.length - stored,
      unlisted: counts.unlisted + unlisted,
    };
  }
  return counts;
}

/** One file for each alert: one event a line, its id and hash before it. */
async function* filesOf(incident: string, { events: door }: ActionContext): AsyncIterable<Taken> {
  for await (const { alert, events } of door.of(incident)) {
    const lines = events.flatMap(({ id, event }) => {
      if (event === undefined) return [];
      const text = canonical(event);
      const sha256 = createHash('sha256').update(text).digest('hex');
      return [`{"id":${JSON.stringify(id)},"sha256":"${sha256}","event":${text}}\n`];
    });
    const [name, from] = [`alert-${alert}.jsonl`, `events of alert ${alert}`];
    yield lines.length > 0
      ? { name, from, content: Buffer.from(lines.join('')) }
      : {
          name,
          from,
          content: 'none of its events is stored under this alert (another one has them, or they are gone)',
        };
  }
}
