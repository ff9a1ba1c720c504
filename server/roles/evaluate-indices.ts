/**
 * Evaluates events in indices that other shippers fill, where they lie: by arrival, each round looking back behind the one
 * before. Matches and alerts name the event as `index/id`; what is met again gets the same ids, so repeats change nothing.
 */
import { touchedBy } from '../../collectors/delivery/touched.ts';
import { readField, segmentsOf } from '../../core/conditions/values.ts';
import { errors } from '../../core/errors.ts';
import type { Evaluation } from '../../core/evaluate.ts';
import type { Event } from '../../core/event.ts';
import type { EventPage } from '../../core/store.ts';
import type { Parts } from '../parts.ts';
import type { IndicesSettings } from '../settings.ts';
import { steadily } from './steadily.ts';

const PAGE = 1_000;
const EVERY_SECONDS = 60;
const OVERLAP_SECONDS = 300;
const ARRIVAL = 'event.ingested';

export async function evaluateIndices(parts: Parts, { signal }: { signal: AbortSignal }): Promise<void> {
  await Promise.all(
    parts.settings.indices.map((settings) =>
      steadily(parts, {
        name: `indices ${settings.id}`,
        signal,
        pauseMs: (settings.everySeconds ?? EVERY_SECONDS) * 1_000,
        async work() {
          await evaluateOnce(parts, settings);
          return false;
        },
      }),
    ),
  );
}

/** One round; returns how many events it evaluated. The first begins one overlap ago: earlier events are for back-tests. */
export async function evaluateOnce(parts: Parts, settings: IndicesSettings): Promise<number> {
  const { store, now } = parts;
  const { id, patterns, arrival = ARRIVAL, overlapSeconds = OVERLAP_SECONDS } = settings;
  const key = `indices:${id}`;
  const progress = await store.documents.get('progress', key);
  const toMs = now();
  const fromMs = (progress?.body.positions['arrived'] ?? toMs) - overlapSeconds * 1_000;
  const query = {
    indices: patterns,
    timeField: arrival,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    size: PAGE,
  };
  let evaluated = 0;
  let after: string | undefined;
  do {
    const page = await store.events.read({ ...query, ...(after === undefined ? {} : { after }) });
    const events = placed(page, arrival, query.to);
    await write(parts, key, query.to, await parts.detection.evaluate(events));
    evaluated += events.length;
    after = page.next;
  } while (after !== undefined);
  const body = { positions: { arrived: toMs }, at: query.to };
  if (progress) await store.documents.update('progress', key, body, progress.version);
  else if ((await store.documents.create('progress', key, body)) === 'exists')
    throw errors.conflict(`the progress of ${key}`);
  return evaluated;
}

/** Events as detection knows them: with an id that says where they lie, and a time. */
function placed({ events, places = [] }: EventPage, arrival: string, latest: string): Event[] {
  const path = segmentsOf(arrival);
  return events.map((event, index) => {
    const { index: name, id } = places[index]!;
    const times = [event['@timestamp'], readField(event, path)?.values[0]?.raw, latest];
    const ms = times.map((time) => new Date(time as string | number).getTime()).find(Number.isFinite)!;
    const {
      hash = '',
      dataset = name,
      created = latest,
      ...rest
    } = (event.event ?? {}) as Partial<Event['event']>;
    return {
      ...event,
      '@timestamp': new Date(ms).toISOString(),
      event: { ...rest, hash, dataset, created, id: `${name}/${id}` },
    };
  });
}

/** As delivery does: matches, alerts, then the batch record that correlation and incidents follow. */
async function write(
  { store }: Parts,
  writer: string,
  position: string,
  { matches, alerts }: Evaluation,
): Promise<void> {
  if (matches.length === 0) return;
  await store.documents.createMany(
    'match',
    matches.map((body) => ({ id: body.id, body })),
  );
  await store.documents.createMany(
    'alert',
    alerts.map((body) => ({ id: body.id, body })),
  );
  const last = (await store.batches.last(writer))?.number ?? 0;
  const times = matches.map(({ event }) => event.at).sort();
  await store.batches.publish({
    writer,
    number: last + 1,
    at: position,
    next: { generation: 1, position },
    // Nothing was read into the store: there is nothing to balance.
    ledger: [],
    span: { from: times[0]!, to: times.at(-1)! },
    partitions: [],
    alerts: alerts.map(({ id }) => id),
    touched: touchedBy(matches),
  });
}
