/** Waiting for a server to answer, and free places for it to listen at. */
import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';
import type { Contained } from './contained.ts';

/** Asks until the answer is yes; throws with a server's last words when one ends or the time is over. */
export async function untilReady(
  what: string,
  servers: readonly Contained[],
  timeoutMs: number,
  ask: () => Promise<boolean>,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const problem = await ask().then(
      (yes) => (yes ? undefined : new Error('it answered "not yet"')),
      (cause: Error) => cause,
    );
    if (problem === undefined) return;
    const ended = servers.find((server) => !server.isRunning());
    if (ended !== undefined || performance.now() > end) {
      const how =
        ended === undefined ? `was not ready after ${timeoutMs / 1000} s` : 'ended before it was ready';
      const words = (ended ?? servers[0])?.lastWords() ?? '';
      await Promise.all(servers.map((server) => server.stop('SIGKILL')));
      throw new Error(`${what} ${how} (${problem.message}):\n${words}`, { cause: problem });
    }
    await new Promise((again) => setTimeout(again, 50));
  }
}

/** A port below the range that the kernel gives to outgoing connections, so that it is still free after a restart. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port, address)) return port;
  }
  throw new Error(`no free port on ${address} between 20000 and 32000: end programs that listen there`);
}

/**
 * A loopback address of its own for a server that must have standard ports. The whole of 127.0.0.0/8 is this machine,
 * so two test runs get two addresses; `ports` must all be free there.
 */
export async function freeLoopbackAddress(ports: readonly number[]): Promise<string> {
  const taken = new Set<number>();
  for (let tries = 0; tries < 20; tries++) {
    const address = `127.${randomInt(64, 127)}.${randomInt(0, 256)}.${randomInt(2, 255)}`;
    const free = await Promise.all(ports.map((port) => isFree(port, address)));
    if (free.every(Boolean)) return address;
    for (const [i, port] of ports.entries()) if (free[i] === false) taken.add(port);
  }
  throw new Error(`a program listens on all addresses at port ${[...taken].join(', ')}: end it`);
}

function isFree(port: number, address: string): Promise<boolean> {
  return new Promise((answer) => {
    const probe = createServer();
    probe.once('error', () => answer(false));
    probe.listen(port, address, () => probe.close(() => answer(true)));
  });
}

/** Whether something listens there and lets us in; gives up after a second, as a dropped packet has no answer. */
export function canConnect(port: number, host: string, localAddress: string): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ port, host, localAddress, timeout: 1_000 });
    const end = (yes: boolean) => {
      socket.destroy();
      answer(yes);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
