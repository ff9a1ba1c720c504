/**
 * The plain poster of bench `delivery`, a process of its own: sends documents that lie ready, as they are, or parsed and written
 * anew, and does nothing else.
 */
import { createReadStream } from 'node:fs';
import type { ProcessCost } from './cost.ts';
import { ID_AT, ID_LENGTH } from './documents.ts';

export interface PosterTask {
  url: string;
  index: string;
  file: string;
  parse: boolean;
}

const DOCUMENTS_PER_REQUEST = 1_000;
const REQUESTS_AT_ONCE = 2;
const LF = Buffer.from('\n');

const task = JSON.parse(process.argv[2]!) as PosterTask;
const before = process.cpuUsage();
const started = performance.now();
let events = 0;
const bodies = bodiesOf(task.file);
await Promise.all(
  Array.from({ length: REQUESTS_AT_ONCE }, async () => {
    for (let next = await bodies.next(); !next.done; next = await bodies.next()) await post(next.value);
  }),
);
const seconds = (performance.now() - started) / 1_000;
const { user, system } = process.cpuUsage(before);
const peakMb = process.resourceUsage().maxRSS / 1_024;
process.stdout.write(
  `${JSON.stringify({ events, seconds, cpuS: (user + system) / 1e6, peakMb } satisfies ProcessCost)}\n`,
);

async function post(body: Buffer): Promise<void> {
  const answer = await fetch(`${task.url}/${task.index}/_bulk?filter_path=errors`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: new Uint8Array(body),
  });
  const { errors } = (await answer.json()) as { errors: boolean };
  if (errors) throw new Error('the plain poster was refused');
}

async function* bodiesOf(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let parts: Uint8Array[] = [];
  let documents = 0;
  for await (const bytes of createReadStream(file, { highWaterMark: 1_048_576 })) {
    const all = Buffer.concat([rest, bytes as Buffer]);
    let from = 0;
    for (let end = all.indexOf(LF, from); end >= 0; end = all.indexOf(LF, from)) {
      const id = all.toString('latin1', from + ID_AT, from + ID_AT + ID_LENGTH);
      const document = all.subarray(from, end + 1);
      parts.push(Buffer.from(`{"create":{"_id":"${id}"}}\n`), task.parse ? parsed(document) : document);
      documents += 1;
      from = end + 1;
      if (documents < DOCUMENTS_PER_REQUEST) continue;
      yield take();
    }
    rest = all.subarray(from);
  }
  if (documents > 0) yield take();

  function take(): Buffer {
    const body = Buffer.concat(parts);
    events += documents;
    [parts, documents] = [[], 0];
    return body;
  }
}

function parsed(document: Buffer): Buffer {
  return Buffer.from(`${JSON.stringify(JSON.parse(document.toString()))}\n`);
}
