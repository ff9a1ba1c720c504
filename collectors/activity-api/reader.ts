/**
 * Polls the Office 365 Management Activity API: starts the subscriptions, lists what became available, fetches each blob once.
 * Blobs appear in listings late and records come in more than one blob, so every listing reaches back, blobs are remembered,
 * and a record's place is its own Id. What the API no longer gives is a dead letter that names the blob, never silence.
 */
import { errors } from '../../core/errors.ts';
import type { ReadBatch, Reader, ReadOptions } from '../reading/reader.ts';
import { type ApiSettings, apiClient, type Outside } from './client.ts';
import { blobKey, HOUR_MS, type Place, windowsOf, withBlob, withListing } from './place.ts';

export interface ActivityApi extends ApiSettings {
  contentTypes: readonly string[];
  /** How far each listing reaches back behind the last one. */
  lookBackHours: number;
  pollSeconds: number;
}

/** The content types that the API knows. */
export const CONTENT_TYPES = [
  'Audit.AzureActiveDirectory',
  'Audit.Exchange',
  'Audit.SharePoint',
  'Audit.General',
  'DLP.All',
] as const;

const BATCH_RECORDS = 500;
/** One stream for ever: records are known by their Ids. */
const GENERATION = 1;
/** Answers to "start" that say: there already. */
const ALREADY_STARTED = 'AF20024';

interface Blob {
  contentId: string;
  contentUri: string;
  contentCreated: string;
}
const isBlob = (value: unknown): value is Blob =>
  ['contentId', 'contentUri', 'contentCreated'].every(
    (name) => typeof (value as Record<string, unknown> | null)?.[name] === 'string',
  );

type Records = ReadBatch['records'];

export function activityApiReader(api: ActivityApi, outside: Omit<Outside, 'warn'>): Reader {
  return async function* (from, options) {
    const { signal, warn } = options;
    const client = apiClient(api, { ...outside, warn });
    const lookBackMs = api.lookBackHours * HOUR_MS;
    let place: Place = from && !from.again ? (JSON.parse(from.position) as Place) : {};
    try {
      await subscribe();
      while (!signal.aborted) {
        for (const type of api.contentTypes) yield* listing(type);
        if (options.until === 'end') return;
        await outside.sleep(api.pollSeconds * 1_000, signal);
      }
    } catch (cause) {
      if (!signal.aborted) throw cause;
    }

    /** Starting a subscription that runs changes nothing. */
    async function subscribe(): Promise<void> {
      for (const type of api.contentTypes) {
        const answer = await client.post(client.feed('subscriptions/start', { contentType: type }), signal);
        if (answer.kind === 'refused' && answer.code !== ALREADY_STARTED)
          throw refused(`start the subscription of ${type}`, answer);
      }
    }

    async function* listing(type: string): AsyncGenerator<ReadBatch> {
      const now = outside.now();
      const { windows, lostMs } = windowsOf(place[type], lookBackMs, now);
      if (lostMs > 0)
        warn(
          `${type}: what became available in ${Math.ceil(lostMs / HOUR_MS)} hours has expired at Microsoft unread`,
        );
      for (const [start, end] of windows) {
        for await (const blob of blobsOf(type, start, end)) {
          if (signal.aborted) return;
          const key = blobKey(blob.contentId);
          if (place[type]?.seen[key] !== undefined) continue;
          const records = await recordsOf(blob, options);
          const before = place;
          place = withBlob(place, type, key, Date.parse(blob.contentCreated) || now);
          for (let at = 0; at < records.length; at += BATCH_RECORDS) {
            const isLast = at + BATCH_RECORDS >= records.length;
            yield give(records.slice(at, at + BATCH_RECORDS), isLast ? place : before);
          }
        }
        place = withListing(place, type, end, lookBackMs);
        yield give([], place);
      }
    }

    async function* blobsOf(type: string, start: number, end: number): AsyncGenerator<Blob> {
      const [startTime, endTime] = [start, end].map((ms) => new Date(ms).toISOString().slice(0, 19));
      let page: string | undefined = client.feed('subscriptions/content', {
        contentType: type,
        startTime: startTime!,
        endTime: endTime!,
      });
      const met = new Set<string>();
      while (page !== undefined) {
        // A page that leads back would never end.
        if (met.has(page))
          throw refused(`list ${type}`, { code: 'loop', message: 'a page leads back to itself' });
        met.add(page);
        const answer = await client.get(page, signal);
        if (answer.kind === 'refused') throw refused(`list ${type}`, answer);
        if (!Array.isArray(answer.body) || !answer.body.every(isBlob))
          throw refused(`list ${type}`, { code: 'shape', message: 'the listing is no list of blobs' });
        yield* answer.body;
        page = answer.nextPage;
      }
    }

    async function recordsOf(blob: Blob, { maxRecordBytes }: ReadOptions): Promise<Records> {
      const answer = await client.get(blob.contentUri, signal);
      const broken = (position: string, why: string, size?: number): Records[number] => ({
        raw: new TextEncoder().encode(blob.contentId),
        position,
        generation: GENERATION,
        broken: why,
        ...(size === undefined ? {} : { size }),
      });
      const name = `blob ${blob.contentId.slice(0, 200)}`;
      if (answer.kind === 'refused') return [broken(name, `${name}: ${answer.code} ${answer.message}`)];
      if (!Array.isArray(answer.body)) return [broken(name, `${name} is no list of records`)];
      return answer.body.map((record: unknown, index) => {
        const raw = new TextEncoder().encode(JSON.stringify(record));
        const id = (record as { Id?: unknown } | null)?.Id;
        const position =
          typeof id === 'string' && id !== '' ? id.slice(0, 100) : `${blobKey(blob.contentId)}/${index}`;
        return raw.length <= maxRecordBytes
          ? { raw, position, generation: GENERATION }
          : broken(
              position,
              `record of ${raw.length} bytes is over the limit of ${maxRecordBytes}`,
              raw.length,
            );
      });
    }
  };
}

const give = (records: Records, place: Place): ReadBatch => ({
  records,
  next: { generation: GENERATION, position: JSON.stringify(place) },
});

const refused = (operation: string, { code, message }: { code: string; message: string }) =>
  errors.remote('Management Activity API', operation, new Error(`${code} ${message}`));
