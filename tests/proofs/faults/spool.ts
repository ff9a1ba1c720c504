/** Faults of what is pushed over TCP: the spool's disk full for a while, and the service killed while senders go on. */
import { once } from 'node:events';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spoolFolder } from '../../../server/sources.ts';
import { command } from '../../testbed/command.ts';
import { freePort } from '../../testbed/wait.ts';
import { openBed } from '../bed.ts';
import { startVictim } from '../victim.ts';
import { takeLines, type Workload } from '../workload.ts';
import { type Fault, finish, outcomeOf, untilRead } from './fault.ts';

const SPOOL_MB = 16;
const CHUNK_LINES = 200;
const FULL_MS = 10_000;
const SHORT_FULL_MS = 2_000;
const LONGEST_MS = 500;
/** What a kill may lose: what the spool takes unsynced, and the buffers of both ends of a connection. */
const MOST_LOST_BYTES = 24 * 1_024 * 1_024;

export const spoolFull: Fault = {
  name: 'disk of the spool full for a while, sender at full speed',
  sources: 'TCP',
  stores: ['embedded'],
  async run({ store, events, isShort, say }) {
    const port = await freePort();
    const bed = await openBed(store, events, {
      written: 'later',
      source: () => ({ listen: { tcp: `127.0.0.1:${port}` } }),
    });
    const spool = spoolFolder(join(bed.folder, 'state'), 'app');
    try {
      await command('mkdir', ['-p', spool]);
      await command('mount', ['-t', 'tmpfs', '-o', `size=${SPOOL_MB}m`, 'tmpfs', spool]);
      const victim = await startVictim(bed.settingsFile);
      const filler = join(spool, 'filler');
      await send(port, bed.work, Math.ceil(events / 4));
      await victim.until(() => victim.state.checkpoints > 0);
      const { bavail, bsize } = statfsSync(spool);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
      say(`${store}: the disk of the spool is full`);
      const rest = send(port, bed.work, events);
      await sleep(isShort ? SHORT_FULL_MS : FULL_MS);
      rmSync(filler);
      await rest;
      return await finish(bed, victim, 1);
    } finally {
      await command('umount', ['--lazy', spool]);
      await bed.close();
    }
  },
};

export const receiverKilled: Fault = {
  name: 'kill -9 while a sender goes on (no acknowledgement in the protocol)',
  sources: 'TCP',
  stores: ['embedded'],
  async run({ store, events, isShort }) {
    const port = await freePort();
    const bed = await openBed(store, events, {
      written: 'later',
      source: () => ({ listen: { tcp: `127.0.0.1:${port}` } }),
    });
    try {
      const kills = isShort ? 2 : 20;
      let victim = await startVictim(bed.settingsFile);
      for (let kill = 0; kill < kills; kill++) {
        // It ends with an error when the receiver dies, and what was on the way is the loss.
        const sending = send(port, bed.work, Math.floor(events / (kills + 1))).catch(() => undefined);
        await victim.until(() => victim.state.checkpoints > 0);
        await sleep(Math.random() * LONGEST_MS);
        await victim.kill();
        await sending;
        victim = await startVictim(bed.settingsFile);
      }
      await send(port, bed.work, events);
      await untilRead(bed, victim);
      await victim.stop();
      const { lost, doubled } = await outcomeOf(bed, kills);
      const bytesPerKill = (lost / kills) * (bed.work.bytes / bed.work.lines);
      return {
        times: kills,
        lost: 0,
        doubled,
        failed: bytesPerKill > MOST_LOST_BYTES ? 1 : 0,
        note: `${lost} of ${events} lines lost, ${Math.round(bytesPerKill / 1_024)} KiB a kill: sent and not yet spooled`,
      };
    } finally {
      await bed.close();
    }
  },
};

/** Sends the next lines, octet counted, as fast as the receiver takes them, until it has read all. */
async function send(port: number, work: Workload, count: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  for (let left = count; left > 0 && work.written < work.lines; left -= CHUNK_LINES) {
    const lines = takeLines(work, Math.min(left, CHUNK_LINES));
    const text = lines.map((line) => `${Buffer.byteLength(line)} ${line}`).join('');
    if (!socket.write(text)) await drained(socket);
  }
  socket.end();
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
}

async function drained(socket: Socket): Promise<void> {
  const gone = new AbortController();
  try {
    await Promise.race([
      once(socket, 'drain', { signal: gone.signal }),
      once(socket, 'close', { signal: gone.signal }).then(() => {
        throw new Error('the receiver has gone');
      }),
    ]);
  } finally {
    gone.abort();
  }
}
