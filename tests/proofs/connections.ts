/**
 * Proof `connections`: ten thousand connections to a listener, each of which begins something and does not end it, then goes on a
 * little. The service's memory stays bounded, a source beside it is read, and afterwards the listener takes records again.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../testbed/wait.ts';
import { openBed } from './bed.ts';
import { untilRead } from './faults/fault.ts';
import { logWriter } from './faults/log-writer.ts';
import { mb, memoryOf } from './memory-of.ts';
import type { Proof } from './proof.ts';
import { startVictim } from './victim.ts';
import { takeLines } from './workload.ts';

const CONNECTIONS = 10_000;
const LINES = 10_000;
/** At once, so that the kernel's list of those that wait is not what is tested. */
const WAVE = 200;
/** 64 MiB of unfinished frames, and what ten thousand sockets and what the collector leaves behind take. */
const MOST_GROWTH_BYTES = 400 * 1_024 * 1_024;

/** How each connection begins, and how it goes on. */
const ATTACKS = {
  tcp: { begins: `1000000 ${'x'.repeat(6_000)}`, goesOn: 'x'.repeat(2_000) },
  bulk: { begins: 'POST /_bulk HTTP/1.1\r\nhost: vigia.example.test\r\nx-slow: ', goesOn: 'x'.repeat(4_000) },
} as const;

export const connections: Proof = async ({ scale, events = Math.round(LINES * scale), say }) => {
  const count = Math.round(CONNECTIONS * scale);
  const ports = { tcp: await freePort(), bulk: await freePort() };
  const more: Record<string, number | string> = { connections: count, lines: events };
  let failed = 0;
  const bed = await openBed('embedded', events, {
    written: 'later',
    beside: [
      { id: 'tcp', collector: 'linux-syslog', listen: { tcp: `127.0.0.1:${ports.tcp}` } },
      {
        id: 'bulk',
        collector: 'linux-syslog',
        listen: { bulk: { address: `127.0.0.1:${ports.bulk}`, field: 'message' } },
      },
    ],
  });
  try {
    const writer = logWriter(bed.work.file, bed.work);
    const victim = await startVictim(bed.settingsFile);
    const pid = victim.process.pid!;
    const isRead = () => (victim.state.readOf.get('app') ?? 0) >= writer.written;
    writer.append(Math.ceil(events / 4));
    await victim.until(isRead);
    for (const [name, { begins, goesOn }] of Object.entries(ATTACKS)) {
      const before = memoryOf(pid);
      let most = before;
      const look = setInterval(() => (most = Math.max(most, memoryOf(pid))), 100).unref();
      const sockets = await dialAll(ports[name as keyof typeof ATTACKS], count, begins);
      const open = () => sockets.filter((socket) => !socket.destroyed).length;
      say(`${name}: ${open()} of ${count} connections are open`);
      const started = performance.now();
      writer.append(Math.ceil(events / 4));
      await victim.until(isRead);
      const readMs = performance.now() - started;
      for (const socket of sockets) if (!socket.destroyed) socket.write(goesOn);
      await sleep(3_000);
      clearInterval(look);
      more[`${name}: still open after that`] = open();
      for (const socket of sockets) socket.destroy();
      more[`${name}: most memory more, MB`] = mb(most - before);
      more[`${name}: file beside read in ms`] = Math.round(readMs);
      if (most - before > MOST_GROWTH_BYTES) failed += 1;
    }
    writer.append(events - writer.written - 1);
    const [last = ''] = takeLines(bed.work, 1);
    const sender = connect(ports.tcp, '127.0.0.1');
    sender.end(`${last}\n`);
    await untilRead(bed, victim);
    await victim.stop();
    const { lost, doubled, ledger, alerts } = await bed.judge();
    return { proof: 'connections', cases: 2, lost, doubled, failed: failed + ledger + alerts, more };
  } finally {
    await bed.close();
  }
};

/** A connection that is refused or cut is a closed socket among the others. */
async function dialAll(port: number, count: number, begins: string): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const wave = Array.from({ length: Math.min(WAVE, count - sockets.length) }, () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume();
      return socket;
    });
    sockets.push(...wave);
    await Promise.all(
      wave.map(async (socket) => {
        await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
        socket.write(begins);
      }),
    );
  }
  return sockets;
}
