/** Datagrams: nobody waits for us, so that some are lost when the service stands still. What is lost must be told. */
import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '../../../server/open-store.ts';
import { readSettings } from '../../../server/settings.ts';
import { freePort } from '../../testbed/wait.ts';
import { openBed } from '../bed.ts';
import { startVictim } from '../victim.ts';
import { takeLines } from '../workload.ts';
import { type Fault, finish, untilQuiet } from './fault.ts';

const TIMES = 10;
const SHORT_TIMES = 2;
const CHUNK_LINES = 50;

export const stoodStill: Fault = {
  name: 'the service stands still (SIGSTOP) while datagrams come',
  sources: 'UDP',
  stores: ['embedded'],
  async run({ store, events, isShort }) {
    const port = await freePort();
    const bed = await openBed(store, events, {
      written: 'later',
      source: () => ({ listen: { udp: `127.0.0.1:${port}` } }),
    });
    const socket = createSocket('udp4');
    try {
      const victim = await startVictim(bed.settingsFile);
      const times = isShort ? SHORT_TIMES : TIMES;
      const part = Math.ceil(events / times / 2);
      const send = async (lines: number, pauseMs: number) => {
        for (let left = lines; left > 0; left -= CHUNK_LINES) {
          await Promise.all(
            takeLines(bed.work, Math.min(left, CHUNK_LINES)).map((line) => sendOne(socket, line, port)),
          );
          await sleep(pauseMs);
        }
      };
      for (let time = 0; time < times; time++) {
        await send(part, 5);
        victim.process.kill('SIGSTOP');
        await send(part, 0);
        victim.process.kill('SIGCONT');
      }
      const { lost, doubled } = await finish(bed, victim, times, (_, one) => untilQuiet(one));
      const told = await lostDatagrams(bed.settingsFile);
      return {
        times,
        lost: Math.abs(lost - told),
        doubled,
        failed: 0,
        note: `${lost} of ${events} dropped by the kernel, ${told} told by dead letters`,
      };
    } finally {
      socket.close();
      await bed.close();
    }
  },
};

const sendOne = (socket: Socket, text: string, port: number): Promise<void> =>
  new Promise((resolve, reject) =>
    socket.send(text, port, '127.0.0.1', (cause) => (cause ? reject(cause) : resolve())),
  );

/** What the dead letters of the source say was lost. */
async function lostDatagrams(settingsFile: string): Promise<number> {
  const store = await openStore(readSettings(settingsFile));
  try {
    const { found } = await store.documents.find('dead-letter', { size: 10_000 });
    return found.reduce(
      (sum, { body }) => sum + Number(/^(\d+) datagrams were dropped/.exec(body.reason)?.[1] ?? 0),
      0,
    );
  } finally {
    await store.close();
  }
}
