/**
 * A receiver in trouble, for real senders: its spool is full when they begin, and the connection of the first call ends although
 * its records are on disk, so that they send again. Behind it the normal pipeline stores what was received.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Collector } from '../collectors/collector.ts';
import { openSpool, type Spool } from '../collectors/reading/spool.ts';
import { spoolReader } from '../collectors/reading/spool-reader.ts';
import { admitting } from '../collectors/receiving/credentials.ts';
import type { Protocol } from '../collectors/receiving/protocol.ts';
import { type Reception, receiveHttp } from '../collectors/receiving/receive-http.ts';
import { run } from '../collectors/run.ts';
import { openEmbedded } from '../store/embedded/open.ts';

/** Who may send. */
export const SENDER = { name: 'sender', secret: 's3cret-example' };

export interface TroubledReceiver {
  readonly port: number;
  readonly url: string;
  /** For files of the sender; gone with the receiver. */
  readonly folder: string;
  /** What became of each call so far. */
  readonly heard: readonly Reception[];
  /** Waits until so many records were stored and something was recognised as sent twice; gives how often each message is stored. */
  stored(count: number): Promise<Map<string, number>>;
  close(): Promise<void>;
}

export async function openTroubledReceiver(
  protocol: Protocol,
  collector: Collector,
): Promise<TroubledReceiver> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-troubled-'));
  const spool = await openSpool(join(folder, 'spool'), { warn: () => undefined });
  const store = await openEmbedded({ file: join(folder, 'vigia.db') });
  const heard: Reception[] = [];
  let isFull = true;
  let answersToLose = 1;
  const troubled: Spool = Object.create(spool, {
    room: { value: async () => !isFull },
    // The records are on disk, but nobody is told.
    flush: { value: async () => (await spool.flush()) && answersToLose-- <= 0 },
  });
  const listener = await receiveHttp('127.0.0.1:0', protocol, {
    ...{ spool: troubled, now: Date.now, warn: () => undefined },
    admit: admitting(`${SENDER.name}:${SENDER.secret}`, 'test'),
    heard(reception) {
      heard.push(reception);
      if (reception === 'full') isFull = false;
    },
  });

  async function messages(): Promise<Map<string, number>> {
    const times = new Map<string, number>();
    let after: string | undefined;
    do {
      const page = await store.events.read({ size: 1_000, ...(after ? { after } : {}) });
      for (const { message = '' } of page.events) times.set(message, (times.get(message) ?? 0) + 1);
      after = page.next;
    } while (after);
    return times;
  }

  return {
    port: listener.address.port,
    url: `http://127.0.0.1:${listener.address.port}`,
    folder,
    heard,
    async stored(count) {
      const stop = new AbortController();
      const seen = { stored: 0, duplicate: 0, deadLettered: 0 };
      await run(
        { id: 'received', collector, reader: spoolReader(join(folder, 'spool')) },
        {
          ...{ store, now: Date.now, retentionDays: 36_500 },
          evaluate: async () => ({ matches: [], alerts: [] }),
          observe(facts) {
            for (const name of ['stored', 'duplicate', 'deadLettered'] as const) seen[name] += facts[name];
            if (seen.stored + seen.deadLettered >= count && seen.duplicate > 0) stop.abort();
          },
        },
        { signal: stop.signal, until: 'forever' },
      );
      return messages();
    },
    async close() {
      await listener.close();
      await spool.close();
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
