/** Pushed with acknowledgement (`_bulk`, OTLP): the receiver is killed while senders go on, who send again until they are answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceSettings } from '../../../server/settings.ts';
import { freePort } from '../../testbed/wait.ts';
import { openBed } from '../bed.ts';
import { startVictim, type Victim } from '../victim.ts';
import { type Telling, takeLines } from '../workload.ts';
import { type Fault, type FaultContext, finish, type Outcome, untilQuiet } from './fault.ts';

const SENDERS = 4;
const BODY_LINES = 200;
/** Every so many bodies a sender believes that its answer was lost, and sends it again. */
const AGAIN_EVERY = 10;
const LONGEST_MS = 1_000;
const TRY_AGAIN_MS = 100;

interface Protocol {
  source(address: string): Partial<SourceSettings>;
  path: string;
  contentType: string;
  bodyOf(lines: readonly string[]): string;
  /** False when an answer refuses part of the body. */
  isTaken(answer: string): boolean;
  telling?: Telling;
}

const BULK: Protocol = {
  source: (address) => ({ listen: { bulk: { address, field: 'message' } } }),
  path: '/_bulk',
  contentType: 'application/x-ndjson',
  bodyOf: (lines) =>
    lines.map((message) => `{"create":{"_index":"logs"}}\n${JSON.stringify({ message })}\n`).join(''),
  isTaken: (answer) => (JSON.parse(answer) as { errors: boolean }).errors === false,
};

const OTLP: Protocol = {
  source: (address) => ({ collector: 'otlp-logs', listen: { otlp: { address } } }),
  path: '/v1/logs',
  contentType: 'application/json',
  bodyOf: (lines) =>
    JSON.stringify({
      resourceLogs: [{ resource: {}, scopeLogs: [{ logRecords: lines.map(logRecord) }] }],
    }),
  isTaken: (answer) => !('partialSuccess' in (JSON.parse(answer) as object)),
  telling: { product: 'otlp', field: 'message', group: 'process.pid', textOf: ({ message = '' }) => message },
};

function logRecord(line: string): object {
  const [, time = '', pid = ''] = /^\S+ (\S+) \S+ \S+ (\d+)/.exec(line) ?? [];
  return {
    timeUnixNano: `${Date.parse(time)}000000`,
    body: { stringValue: line },
    attributes: [{ key: 'process.pid', value: { intValue: pid } }],
  };
}

async function receiverKilled(
  { source, path, contentType, bodyOf, isTaken, telling }: Protocol,
  { store, events, isShort }: FaultContext,
): Promise<Outcome> {
  const address = `127.0.0.1:${await freePort()}`;
  const bed = await openBed(store, events, {
    written: 'later',
    source: () => source(address),
    ...(telling ? { telling } : {}),
  });
  try {
    let sentAgain = 0;
    /** Says whether it had to be tried more than once. */
    const post = async (body: string): Promise<boolean> => {
      for (let isAgain = false; ; isAgain = true) {
        const headers = { 'content-type': contentType };
        const answer = await fetch(`http://${address}${path}`, { method: 'POST', headers, body }).catch(
          () => undefined,
        );
        // An answer that was cut off is none.
        const text = answer?.ok ? await answer.text().catch(() => undefined) : undefined;
        if (text !== undefined) {
          if (!isTaken(text)) throw new Error(`refused: ${text.slice(0, 200)}`);
          return isAgain;
        }
        await sleep(TRY_AGAIN_MS);
      }
    };
    let sent = 0;
    const sending = async () => {
      for (;;) {
        const lines = takeLines(bed.work, BODY_LINES);
        if (lines.length === 0) return;
        const body = bodyOf(lines);
        const isAgain = await post(body);
        sent += 1;
        const isDoubted = sent % AGAIN_EVERY === 0;
        if (isDoubted) await post(body);
        if (isAgain || isDoubted) sentAgain += 1;
      }
    };
    let victim = await startVictim(bed.settingsFile);
    const senders = Promise.all(Array.from({ length: SENDERS }, sending));
    let isOver = false;
    void senders.then(
      () => (isOver = true),
      () => (isOver = true),
    );
    const wanted = isShort ? 2 : 20;
    let kills = 0;
    while (kills < wanted && !isOver) {
      // Kills spread over what is to be sent, each at any moment of its part.
      const from = ((kills + 1) / (wanted + 1)) * (events / BODY_LINES);
      while (sent < from && !isOver) await sleep(20);
      await sleep(Math.random() * LONGEST_MS * (isShort ? 0.1 : 1));
      await victim.kill();
      kills += 1;
      victim = await startVictim(bed.settingsFile);
    }
    await senders;
    const outcome = await finish(bed, victim, kills, (_, last: Victim) => untilQuiet(last));
    return { ...outcome, note: `${sentAgain} of ${sent} bodies sent again` };
  } finally {
    await bed.close();
  }
}

const NAME = 'kill -9 while senders send until they are answered, and some twice';

export const bulkKilled: Fault = {
  name: NAME,
  sources: '_bulk',
  stores: ['embedded', 'elasticsearch'],
  run: (context) => receiverKilled(BULK, context),
};

export const otlpKilled: Fault = {
  name: NAME,
  sources: 'OTLP',
  stores: ['embedded'],
  run: (context) => receiverKilled(OTLP, context),
};
