/** A cable between Vigia and its store that can be pulled: packets vanish, and both ends believe in their connections. */
import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { command } from '../../testbed/command.ts';
import { openBed } from '../bed.ts';
import { startVictim } from '../victim.ts';
import { type Fault, finish } from './fault.ts';

/** Longer than Vigia waits for an answer, so that half-open connections are given up and tried anew. */
const PULLED_MS = 60_000;
const SHORT_MS = 3_000;

export const networkCut: Fault = {
  name: 'network to the store cut, connections half open',
  sources: 'files',
  stores: ['elasticsearch'],
  async run({ events, isShort, say }) {
    const cable = await plugCable();
    try {
      const bed = await openBed('elasticsearch', events, {
        host: cable.address,
        elasticsearch: {
          settings: { 'network.host': ['127.0.0.1', cable.address], 'transport.host': '127.0.0.1' },
        },
      });
      try {
        const victim = await startVictim(bed.settingsFile, {
          through: ['ip', 'netns', 'exec', cable.namespace],
        });
        await victim.until(() => victim.state.checkpoints >= 2);
        await cable.set('down');
        say('elasticsearch: the cable is pulled');
        await sleep(isShort ? SHORT_MS : PULLED_MS);
        await cable.set('up');
        return await finish(bed, victim, 1);
      } finally {
        await bed.close();
      }
    } finally {
      await cable.remove();
    }
  },
};

/** A network of its own for the service; `address` is this machine as seen from there. */
async function plugCable() {
  const name = `vigia${randomBytes(4).toString('hex')}`;
  // 198.18.0.0/15 is for test networks.
  const net = `198.19.${randomInt(0, 256)}`;
  const ip = (...args: string[]) => command('ip', args);
  await ip('netns', 'add', name);
  await ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  await ip('addr', 'add', `${net}.1/24`, 'dev', name);
  await ip('link', 'set', name, 'up');
  for (const link of ['lo', 'eth0']) await ip('-n', name, 'link', 'set', link, 'up');
  await ip('-n', name, 'addr', 'add', `${net}.2/24`, 'dev', 'eth0');
  return {
    namespace: name,
    address: `${net}.1`,
    set: (state: 'up' | 'down') => ip('-n', name, 'link', 'set', 'eth0', state),
    remove: () => ip('netns', 'del', name),
  };
}
