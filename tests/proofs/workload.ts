/** An independently written log file, and what must be in the store when every line of it was taken exactly once. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '../../core/event.ts';
import type { Store } from '../../core/store.ts';

/** How events of one kind of source say which line they were made of, and how rules find the lines of the proof. */
export interface Telling {
  product: string;
  /** Sigma's names of the text of the line, and of what the lines of one burst share. */
  field: string;
  group: string;
  textOf: (event: Event) => string;
}

/** Syslog: the record is the line. */
const SYSLOG = { product: 'linux', field: 'message', group: 'process.pid' };

export interface Workload {
  file: string;
  /** Left out, an event's hash is that of the line. */
  textOf?: Telling['textOf'];
  rules: string;
  lines: number;
  /** What was written so far. */
  written: number;
  bytes: number;
  /** SHA-256 of each line's text → how often it was written. */
  manifest: Map<string, number>;
  /** Lines that a rule of the proof alerts on, and bursts that a correlation rule of the proof alerts on. */
  singles: number;
  bursts: number;
  /** Time of the last line: when an event of that time is delivered, the file is read. */
  lastMs: number;
}

/** A million seconds later is still past: what lies ahead of the clock goes to another partition. */
const START_MS = Date.parse('2026-11-01T00:00:00Z');
const EVERY_SINGLE = 1_000;
const BURST_LINES = 8;
const EVERY_BURST = 5_000;
export const SINGLE_RULE = '5b0f3c1e-7a51-4f0e-9a57-0d3c5f1e2a01';
export const BURST_RULE = '5b0f3c1e-7a51-4f0e-9a57-0d3c5f1e2a03';

const rulesFor = ({ product, field, group }: Omit<Telling, 'textOf'>) => `title: Proof single
id: ${SINGLE_RULE}
status: test
description: A line that the proof wrote to be alerted on.
logsource: { product: ${product} }
detection:
  selection: { ${field}|contains: proof-single }
  condition: selection
level: high
---
title: Proof burst part
id: 5b0f3c1e-7a51-4f0e-9a57-0d3c5f1e2a02
name: proof_burst_part
status: test
description: One line of a burst.
logsource: { product: ${product} }
detection:
  selection: { ${field}|contains: proof-burst }
  condition: selection
level: low
---
title: Proof burst
id: ${BURST_RULE}
status: test
description: A burst that the proof wrote to be alerted on.
correlation:
  type: event_count
  rules: [proof_burst_part]
  group-by: [${group}]
  timespan: 1m
  condition: { gte: ${BURST_LINES} }
level: high
`;

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Nothing is written yet: whoever writes takes one line after the other. */
export function planWorkload(folder: string, lines: number, telling?: Telling): Workload {
  mkdirSync(join(folder, 'rules'), { recursive: true });
  writeFileSync(join(folder, 'rules', 'proof.yml'), rulesFor(telling ?? SYSLOG));
  return {
    ...(telling ? { textOf: telling.textOf } : {}),
    file: join(folder, 'app.log'),
    rules: join(folder, 'rules'),
    lines,
    written: 0,
    bytes: 0,
    manifest: new Map(),
    singles: 0,
    bursts: 0,
    lastMs: START_MS + (lines - 1) * 1_000,
  };
}

/** Notes a record that must be stored once more. */
export function expectLine(work: Workload, line: string): void {
  const hash = hashOf(line);
  work.manifest.set(hash, (work.manifest.get(hash) ?? 0) + 1);
}

/** The next lines, up to `count`; some repeat earlier text exactly, and some hold odd characters. */
export function takeLines(work: Workload, count: number): string[] {
  const lines: string[] = [];
  for (const until = Math.min(work.lines, work.written + count); work.written < until; work.written++) {
    const line = lineAt(work.written, work.lines, work);
    expectLine(work, line);
    work.bytes += Buffer.byteLength(line) + 1;
    lines.push(line);
  }
  return lines;
}

/** Writes the whole workload into its file. */
export async function writeWorkload(folder: string, lines: number): Promise<Workload> {
  const work = planWorkload(folder, lines);
  const out = createWriteStream(work.file);
  while (work.written < lines)
    if (!out.write(`${takeLines(work, 1_000).join('\n')}\n`)) await once(out, 'drain');
  out.end();
  await once(out, 'finish');
  return work;
}

function lineAt(n: number, lines: number, work: Workload): string {
  const at = (ms: number) => new Date(START_MS + ms).toISOString();
  if (n === lines - 1) return `<38>1 ${at(n * 1_000)} app1 payd 9 - - the last line`;
  const inBurst = n % EVERY_BURST;
  if (inBurst < BURST_LINES && n + BURST_LINES < lines) {
    if (inBurst === 0) work.bursts += 1;
    return `<38>1 ${at(n * 1_000)} app1 payd ${Math.floor(n / EVERY_BURST) + 10} - - proof-burst part ${n}`;
  }
  if (n % EVERY_SINGLE === 500) {
    work.singles += 1;
    return `<38>1 ${at(n * 1_000)} app1 payd 7 - - proof-single ${n}`;
  }
  // The same text twice, and text that tempts a careless reader.
  if (n % 97 === 96) return `<38>1 ${at(0)} app1 payd 8 - - repeated line, byte for byte`;
  if (n % 101 === 100)
    return `<38>1 ${at(n * 1_000)} app1 payd 9 - - odd ${n} \u001b[2K ação "quoted\\" {"json": ${n}} %s`;
  return `<38>1 ${at(n * 1_000)} app1 payd 9 - - benefit ${n} calculated in ${n % 1_000} ms`;
}

export interface Verdict {
  lost: number;
  doubled: number;
  /** Alerts missing or too many. */
  alerts: number;
  /** Records that the ledger cannot account for, and the difference between its stored count and the store. */
  ledger: number;
  incidentsWithout: number;
}

/** Counts by content what the store holds. */
export async function verify(store: Store, work: Workload): Promise<Verdict> {
  const left = new Map(work.manifest);
  const verdict: Verdict = { lost: 0, doubled: 0, alerts: 0, ledger: 0, incidentsWithout: 0 };
  let events = 0;
  let after: string | undefined;
  do {
    const page = await store.events.read({ size: 5_000, ...(after ? { after } : {}) });
    for (const event of page.events) {
      events += 1;
      const hash = work.textOf ? hashOf(work.textOf(event)) : event.event.hash;
      const count = (left.get(hash) ?? 0) - 1;
      if (count < 0) verdict.doubled += 1;
      else left.set(hash, count);
    }
    after = page.next;
  } while (after);
  for (const count of left.values()) verdict.lost += count;

  const alerts = await store.documents.aggregate('alert', {
    where: { op: 'equals', field: 'state', value: 'open' },
    groupBy: ['rule.id'],
    measure: { kind: 'count' },
  });
  const counted = (rule: string) => alerts.find(({ key }) => key[0] === rule)?.value ?? 0;
  verdict.alerts =
    Math.abs(counted(SINGLE_RULE) - work.singles) + Math.abs(counted(BURST_RULE) - work.bursts);
  const loose = await store.documents.aggregate('alert', {
    where: { op: 'null', field: 'incident' },
    groupBy: ['rule.id'],
    measure: { kind: 'count' },
  });
  verdict.incidentsWithout = loose.reduce((sum, { value }) => sum + value, 0);

  let stored = 0;
  for (const line of await store.batches.ledger()) {
    verdict.ledger +=
      Math.abs(line.read - line.stored - line.duplicate - line.deadLettered) +
      Math.abs(line.stored - line.evaluated);
    stored += line.stored;
  }
  verdict.ledger += Math.abs(stored - events);
  return verdict;
}
