/**
 * Reads the changes of an LDAP directory by asking one controller for what it wrote since its last number (`uSNChanged`), in
 * passes. Numbers belong to one database: another controller, or one that was restored, is met with a look back in time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AndFilter, GreaterThanEqualsFilter, LessThanEqualsFilter } from 'ldapts';
import type { Directory } from '../../targets/directory.ts';
import type { DirectoryEntry } from '../../targets/directory-entry.ts';
import type { AttributeChange } from '../directory/metadata.ts';
import { attributeNumber } from '../directory/metadata.ts';
import { generalTime, READ, recordsOf } from '../directory/record.ts';
import type { ReadBatch, Reader } from './reader.ts';

export interface DirectoryReading {
  everyMs: number;
  /** Writes asked for at once while there are many. */
  windowWrites?: number;
}

const WINDOW_WRITES = 2_000;
/** Clocks of controllers may differ by so much (Kerberos allows no more). */
const LOOK_BACK_MS = 300_000;
/** Objects that changed while a pass went on, which the next pass meets again. */
const MOST_REMEMBERED = 50_000;

/** How much of an over-long record is kept as evidence. */
const KEPT_BYTES = 65_536;

/** Saved in the checkpoint. */
interface Place {
  /** Which database the numbers belong to. */
  identity: string;
  /** Writes up to here were asked for. */
  usn: number;
  /** Writes up to here are settled: an object that changed again meanwhile is met later, with all its writes from here on. */
  since: number;
  /** Last write given of objects that may be met again. */
  given: Record<string, number>;
  /** Time of the controller at the last pass (epoch ms). */
  at: number;
  generation: number;
}

export function directoryReader(
  use: <T>(ask: (directory: Directory) => Promise<T>) => Promise<T>,
  reading: DirectoryReading,
): Reader {
  const window = reading.windowWrites ?? WINDOW_WRITES;
  return async function* (from, { signal, until, warn, maxRecordBytes }) {
    let place = from === undefined ? undefined : (JSON.parse(from.position) as Place);
    let names: ReadonlyMap<number, string> | undefined;
    const nameOf = (number: number) => names?.get(number) ?? `attribute 0x${number.toString(16)}`;

    while (!signal.aborted) {
      for (let isBehind = true; isBehind && !signal.aborted; ) {
        const step = await use((directory) => oneStep(directory));
        isBehind = step.isBehind;
        if (step.batch) yield step.batch;
      }
      if (until === 'end') return;
      await sleep(reading.everyMs, undefined, { signal }).catch(() => undefined);
    }

    /** One window of writes, over one connection. */
    async function oneStep(directory: Directory): Promise<{ batch?: ReadBatch; isBehind: boolean }> {
      const now = await stateOf(directory);
      names ??= await attributeNames(directory);
      if (place === undefined) {
        warn(`changes are read from now on; what ${directory.server} wrote before is not`);
        place = { ...now, since: now.usn, given: {}, generation: 1 };
        return { batch: { records: [], next: next() }, isBehind: false };
      }
      if (place.identity !== now.identity) return afterMove(directory, now);
      if (now.usn <= place.usn) return { isBehind: false };
      const isBehind = now.usn - place.usn > window;
      const first = new GreaterThanEqualsFilter({ attribute: 'uSNChanged', value: String(place.usn + 1) });
      const last = new LessThanEqualsFilter({ attribute: 'uSNChanged', value: String(place.usn + window) });
      // The last window is open: what changes while it is asked for is in it.
      const filter = isBehind ? new AndFilter({ filters: [first, last] }) : first;
      const entries = await directory.search(filter, READ, undefined, { deleted: true });
      const { since, given } = place;
      const records = entries.flatMap((entry) =>
        written(entry, ({ usn }) => usn > (given[entry.guid] ?? since)),
      );
      const usn = isBehind ? place.usn + window : now.usn;
      place = remembered({ ...place, ...now, usn, since: isBehind ? since : usn }, entries, isBehind);
      return { batch: { records, next: next() }, isBehind };
    }

    /** Numbers of another database say nothing here: asked for by time, a little is given twice rather than once too few. */
    async function afterMove(
      directory: Directory,
      now: State,
    ): Promise<{ batch: ReadBatch; isBehind: boolean }> {
      const fromMs = place!.at - LOOK_BACK_MS;
      warn(
        `another controller answers, or its database was restored; changes since ${new Date(fromMs).toISOString()} are read by their time and may come twice`,
      );
      const whenChanged = `${new Date(fromMs).toISOString().replace(/\D/g, '').slice(0, 14)}.0Z`;
      const filter = new GreaterThanEqualsFilter({ attribute: 'whenChanged', value: whenChanged });
      const entries = await directory.search(filter, READ, undefined, { deleted: true });
      place = { ...now, since: now.usn, given: {}, generation: place!.generation + 1 };
      const records = entries.flatMap((entry) => written(entry, ({ changedMs }) => changedMs >= fromMs));
      place = remembered(place, entries, false);
      return { batch: { records, next: next() }, isBehind: false };
    }

    function written(entry: DirectoryEntry, since: (change: AttributeChange) => boolean) {
      return recordsOf(entry, since, nameOf).map((record) => {
        const raw = Buffer.from(JSON.stringify(record));
        const one = { raw, position: `${record.guid}:${record.usn}`, generation: place!.generation };
        return raw.length <= maxRecordBytes
          ? one
          : {
              ...one,
              raw: raw.subarray(0, KEPT_BYTES),
              size: raw.length,
              broken: `record of ${raw.length} bytes is over the limit of ${maxRecordBytes}`,
            };
      });
    }

    function remembered(after: Place, entries: readonly DirectoryEntry[], isBehind: boolean): Place {
      const given = new Map(Object.entries(after.given));
      for (const entry of entries) given.set(entry.guid, Number(entry.text('uSNChanged')));
      const kept = [...given].filter(([, usn]) => isBehind || usn > after.usn);
      if (kept.length > MOST_REMEMBERED)
        warn(`more than ${MOST_REMEMBERED} objects changed at once: some changes may come twice`);
      return { ...after, given: Object.fromEntries(kept.slice(-MOST_REMEMBERED)) };
    }

    function next(): ReadBatch['next'] {
      return { generation: place!.generation, position: JSON.stringify(place) };
    }
  };
}

type State = Pick<Place, 'identity' | 'usn' | 'at'>;

async function stateOf(directory: Directory): Promise<State> {
  const root = await directory.entry('', ['highestCommittedUSN', 'dsServiceName', 'currentTime']);
  const service = root?.text('dsServiceName') ?? '';
  const database = await directory.entry(service, ['invocationId']);
  const usn = Number(root?.text('highestCommittedUSN'));
  if (!Number.isSafeInteger(usn) || !database)
    throw new Error(`${directory.server} does not tell how far it has written; is it a domain controller?`);
  return {
    identity: database.bytes('invocationId')[0]?.toString('hex') ?? service,
    usn,
    at: Date.parse(generalTime(root?.text('currentTime'))),
  };
}

async function attributeNames(directory: Directory): Promise<ReadonlyMap<number, string>> {
  const root = await directory.entry('', ['schemaNamingContext']);
  const found = await directory.search(
    '(objectClass=attributeSchema)',
    ['attributeID', 'lDAPDisplayName'],
    root?.text('schemaNamingContext'),
  );
  return new Map(
    found.flatMap((entry): [number, string][] => {
      const number = attributeNumber(entry.text('attributeID') ?? '');
      return number === undefined ? [] : [[number, entry.text('lDAPDisplayName') ?? '']];
    }),
  );
}
