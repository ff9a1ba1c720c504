/**
 * A store that holds the proof's matches in typed arrays, and the alerts and positions that detection writes in a file that
 * only grows, so that a killed process finds what it had written. It shows no match before its batch is published.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { touchedBy } from '../../collectors/delivery/touched.ts';
import type { Condition } from '../../core/conditions/tree.ts';
import type { Alert, Match, Progress } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import type { BatchPlace, BatchRecord, DocumentQuery, Store, Stored } from '../../core/store.ts';
import {
  BATCH,
  batchesOf,
  CORRELATIONS,
  correlationId,
  deliveredBy,
  eventIdOf,
  type Keys,
  type Matches,
  userOf,
} from './correlation-matches.ts';

/** What is kept of an alert: what the proof compares. */
export interface KeptAlert {
  key: string;
  from: string;
  to: string;
  count: number;
  state: Alert['state'];
  version: number;
}

export interface ProofStore {
  store: Store;
  alerts: ReadonlyMap<string, KeptAlert>;
  /** The moment at which the last published batch was read. */
  nowMs(): number;
  /** Publishes the next batches; the moment at which the last of them was read, or undefined when all are published. */
  publish(batches: number): number | undefined;
}

const WRITERS = 4;
const PAGE = 1_000;
const RECORDS_KEPT = 100;

type Line = { alert: string; is: KeptAlert } | { progress: string; body: Progress };

export function proofStore(matches: Matches, { keyOf, groupOf }: Keys, file: string): ProofStore {
  const alerts = new Map<string, KeptAlert>();
  const byGroup = new Map<string, string[]>();
  const progress = new Map<string, Stored<Progress>>();
  let published = 0;
  const matchIsThere = (i: number) => matches.batch[i]! < published;

  const keepAlert = (id: string, is: KeptAlert) => {
    if (!alerts.has(id)) byGroup.set(is.key, [...(byGroup.get(is.key) ?? []), id]);
    alerts.set(id, is);
  };
  const keepProgress = (id: string, body: Progress) => {
    const version = String(Number(progress.get(id)?.version ?? 0) + 1);
    progress.set(id, { id, body, version });
    return version;
  };
  if (existsSync(file)) {
    for (const text of readFileSync(file, 'utf8').split('\n')) {
      // A killed process may leave half a line: that write never returned.
      const line = text === '' ? undefined : parsed(text);
      if (line && 'alert' in line) keepAlert(line.alert, line.is);
      else if (line) keepProgress(line.progress, line.body);
    }
    for (const { body } of progress.values())
      for (const [writer, number] of Object.entries(body.positions))
        published = Math.max(published, (number - 1) * WRITERS + Number(writer) + 1);
  }
  const write = (lines: readonly Line[]) =>
    appendFileSync(file, `\n${lines.map((line) => JSON.stringify(line)).join('\n')}`);

  /** Both lanes ask for a record, and those that wait ask again. */
  const records = new Map<number, BatchRecord>();
  function recordOf(n: number): BatchRecord {
    const known = records.get(n);
    if (known) return known;
    // What a work list needs of a match.
    const delivered = deliveredBy(matches, n).map((i) => ({
      groups: [keyOf(matches.group[i]!)],
      event: { at: atOf(i) },
    })) as unknown as Match[];
    const record: BatchRecord = {
      writer: String(n % WRITERS),
      number: Math.floor(n / WRITERS) + 1,
      at: new Date(readAt(n)).toISOString(),
      next: { generation: 1, position: '' },
      ledger: [],
      partitions: [],
      alerts: [],
      touched: touchedBy(delivered),
    };
    records.set(n, record);
    if (records.size > RECORDS_KEPT) records.delete(records.keys().next().value!);
    return record;
  }
  const atOf = (i: number) => new Date(matches.times[i]!).toISOString();
  const readAt = (n: number) => matches.arrivedMs[Math.min(matches.count, (n + 1) * BATCH) - 1]!;

  /** In order of event time, or backwards. */
  function findMatches({ where, sort }: DocumentQuery): number[] {
    const found = new Set<number>();
    for (const clause of where!.op === 'or' ? where!.of : [where!]) {
      const { values, fromMs, beforeMs } = read(clause);
      for (const key of values) {
        const g = groupOf(key);
        const end = matches.starts[g + 1]!;
        for (let at = firstFrom(matches, g, fromMs); at < end; at++) {
          const i = matches.members[at]!;
          if (matches.times[i]! >= beforeMs) break;
          if (matchIsThere(i)) found.add(i);
        }
      }
    }
    const sign = sort?.[0] === '-event.at' ? -1 : 1;
    return [...found].sort((a, b) => sign * (a - b));
  }

  function matchOf(i: number): Match {
    const g = matches.group[i]!;
    const index = g % CORRELATIONS.length;
    // Only these two correlations tell their rules apart.
    const isSecond = matches.isSecond[i] === 1 && /ordered|without/.test(CORRELATIONS[index]!.type);
    const rule = `${isSecond ? 'b' : 'a'}${index}`;
    return {
      id: String(i),
      rule: { id: rule, title: rule, level: 'low', hash: '', tags: [] },
      event: { id: eventIdOf(i), at: atOf(i), dataset: 'proof' },
      groups: [keyOf(g)],
      group: { [correlationId(index)]: { by: [userOf(g)], values: [matches.value[i]!] } },
      entities: [{ type: 'user', name: userOf(g) }],
    };
  }

  let searching: { query: object; found: number[] } | undefined;
  function page(query: DocumentQuery): { found: Stored<Match>[]; next?: string } {
    const after = Number(query.after ?? 0);
    if (after === 0 || !searching) searching = { query, found: findMatches(query) };
    const { found } = searching;
    const size = query.size ?? PAGE;
    const part = found.slice(after, after + size).map((i) => {
      const body = matchOf(i);
      return { id: body.id, version: '1', body };
    });
    return { found: part, ...(after + size < found.length ? { next: String(after + size) } : {}) };
  }

  function findAlerts({ where }: DocumentQuery): Stored<Alert>[] {
    const [keys, , to] = (where as unknown as { of: Condition[] }).of as [
      Extract<Condition, { op: 'in' }>,
      Condition,
      Extract<Condition, { op: 'range' }>,
    ];
    return keys.values
      .flatMap((key) => byGroup.get(String(key)) ?? [])
      .filter((id) => alerts.get(id)!.state === 'open' && alerts.get(id)!.to >= String(to.gte))
      .map((id) => storedAlert(id, alerts.get(id)!));
  }

  const documents = {
    async get(kind: string, id: string) {
      if (kind === 'progress') return progress.get(id);
      const kept = alerts.get(id);
      return kept && storedAlert(id, kept);
    },
    async create(kind: string, id: string, body: object) {
      if (kind === 'progress') {
        if (progress.has(id)) return 'exists';
        write([{ progress: id, body: body as Progress }]);
        keepProgress(id, body as Progress);
        return 'created';
      }
      return (await documents.createMany(kind, [{ id, body }]))[0];
    },
    async createMany(_kind: string, items: readonly { id: string; body: object }[]) {
      const fresh = items.filter(({ id }) => !alerts.has(id));
      const lines = fresh.map(({ id, body }) => ({ alert: id, is: kept(body as Alert, 1) }));
      write(lines);
      for (const { alert, is } of lines) keepAlert(alert, is);
      const made = new Set(fresh.map(({ id }) => id));
      return items.map(({ id }) => (made.has(id) ? 'created' : 'exists'));
    },
    async update(kind: string, id: string, body: object, version: string) {
      const now = kind === 'progress' ? progress.get(id)?.version : String(alerts.get(id)?.version);
      if (now !== version) throw errors.conflict(`${kind} ${id}`);
      if (kind === 'progress') {
        write([{ progress: id, body: body as Progress }]);
        return keepProgress(id, body as Progress);
      }
      const is = kept(body as Alert, Number(version) + 1);
      write([{ alert: id, is }]);
      keepAlert(id, is);
      return String(is.version);
    },
    find: async (kind: string, query: DocumentQuery) =>
      kind === 'match' ? page(query) : { found: findAlerts(query) },
  };

  const store = {
    capabilities: { name: 'embedded', shared: false, foreignIndices: false },
    documents,
    batches: {
      async writers() {
        return Array.from({ length: Math.min(WRITERS, published) }, (_, writer) => String(writer));
      },
      async follow(places: readonly BatchPlace[], limit: number) {
        return places.flatMap(({ writer, after }) => {
          const found: BatchRecord[] = [];
          for (let number = after; found.length < limit; number++) {
            const n = number * WRITERS + Number(writer);
            if (n >= published) break;
            found.push(recordOf(n));
          }
          return found;
        });
      },
    },
  };
  return {
    // The parts of the port that detection uses.
    store: store as unknown as Store,
    alerts,
    nowMs: () => readAt(Math.max(0, published - 1)),
    publish(batches) {
      if (published === batchesOf(matches)) return undefined;
      published = Math.min(batchesOf(matches), published + batches);
      return readAt(published - 1);
    },
  };
}

function parsed(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}

function read(clause: Condition): { values: string[]; fromMs: number; beforeMs: number } {
  const [groups, range] = (clause as unknown as { of: Condition[] }).of as [
    Extract<Condition, { op: 'in' }>,
    Extract<Condition, { op: 'range' }>,
  ];
  return {
    values: groups.values.map(String),
    fromMs: range.gte === undefined ? -Infinity : Date.parse(String(range.gte)),
    beforeMs: range.lt === undefined ? Infinity : Date.parse(String(range.lt)),
  };
}

function firstFrom({ starts, members, times }: Matches, g: number, fromMs: number): number {
  let [low, high] = [starts[g]!, starts[g + 1]!];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[members[middle]!]! < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

const kept = ({ group, from, to, eventCount, state }: Alert, version: number): KeptAlert => ({
  key: group!.key,
  from,
  to,
  count: eventCount,
  state,
  version,
});

function storedAlert(id: string, { key, from, to, count, state, version }: KeptAlert): Stored<Alert> {
  const body = {
    id,
    kind: 'correlation',
    from,
    to,
    eventCount: count,
    state,
    group: { key, by: {}, value: 0 },
    history: [],
  };
  return { id, version: String(version), body: body as unknown as Alert };
}
