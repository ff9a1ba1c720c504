/** Faults of the store: killed, its elected master killed, writes refused by a block and by a disk that is really full. */
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { command } from '../../testbed/command.ts';
import type { Elasticsearch } from '../../testbed/elasticsearch.ts';
import { removeFolder, temporaryFolder } from '../../testbed/folder.ts';
import { type Bed, openBed } from '../bed.ts';
import { storeOutage } from '../store-outage.ts';
import { startVictim } from '../victim.ts';
import { type Fault, finish, type Outcome, untilTrue } from './fault.ts';

const REFUSED_MS = 60_000;
const SHORT_MS = 4_000;
const CHECKPOINTS_BEFORE = 2;

async function ask(server: Elasticsearch, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${server.url}/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

/** `during` makes the fault once the service is at work, and ends it. */
async function whileAtWork(bed: Bed, during: (server: Elasticsearch) => Promise<number>): Promise<Outcome> {
  const victim = await startVictim(bed.settingsFile);
  await victim.until(() => victim.state.checkpoints >= CHECKPOINTS_BEFORE);
  const times = await during(bed.elasticsearch!);
  return await finish(bed, victim, times);
}

export const storeKilled: Fault = {
  name: 'Elasticsearch: kill -9, back later',
  sources: 'files',
  stores: ['elasticsearch'],
  async run({ events, isShort, say }) {
    const result = await storeOutage({ scale: isShort ? 0.1 : 1, events, stores: ['elasticsearch'], say });
    return { times: result.cases, lost: result.lost, doubled: result.doubled, failed: result.failed };
  },
};

export const masterKilled: Fault = {
  name: 'three nodes, one replica: kill -9 of the elected master',
  sources: 'files',
  stores: ['elasticsearch'],
  async run({ events, isShort, say }) {
    const bed = await openBed('elasticsearch', events, { elasticsearch: { nodes: 3 } });
    try {
      return await whileAtWork(bed, async (server) => {
        await ask(server, 'GET', '_cluster/health?wait_for_status=green&timeout=60s');
        const [master] = (await ask(server, 'GET', '_cat/master?format=json')) as { node: string }[];
        const node = server.nodes.find(({ name }) => name === master!.node)!;
        await node.kill('SIGKILL');
        say(`elasticsearch: the master ${node.name} is killed`);
        const rest = server.nodes.find((one) => one !== node)!;
        await untilTrue(async () => {
          const answer = await fetch(`${rest.url}/_cat/master?format=json`).catch(() => undefined);
          const [elected] = answer?.ok ? ((await answer.json()) as { node: string }[]) : [];
          return elected !== undefined && elected.node !== node.name;
        });
        await sleep(isShort ? SHORT_MS : REFUSED_MS);
        await server.start();
        return 1;
      });
    } finally {
      await bed.close();
    }
  },
};

export const writeBlock: Fault = {
  name: 'write block on every index for a while (403)',
  sources: 'files',
  stores: ['elasticsearch'],
  async run({ events, isShort }) {
    const bed = await openBed('elasticsearch', events);
    try {
      return await whileAtWork(bed, async (server) => {
        await ask(server, 'PUT', '_all/_settings', { 'index.blocks.write': true });
        await sleep(isShort ? SHORT_MS : REFUSED_MS);
        await ask(server, 'PUT', '_all/_settings', { 'index.blocks.write': null });
        return 1;
      });
    } finally {
      await bed.close();
    }
  },
};

const DISK_MB = 400;
/** An event takes less on disk, its translog and merges included. */
const EVENTS_PER_MB = 500;
/** Below this much room Elasticsearch blocks writes (429), and lifts the block by itself when there is more again. */
const FLOOD_MB = 100;

export const floodStage: Fault = {
  name: 'disk of the store at the flood stage (429), on a disk of its own',
  sources: 'files',
  stores: ['elasticsearch'],
  async run({ events, isShort, say }) {
    const disk = await smallDisk(DISK_MB + Math.ceil(events / EVENTS_PER_MB));
    const room = (mb: number) => `${mb}mb`;
    let bed: Bed | undefined;
    try {
      bed = await openBed('elasticsearch', events, {
        elasticsearch: {
          data: disk.data,
          settings: {
            'cluster.routing.allocation.disk.threshold_enabled': true,
            'cluster.routing.allocation.disk.watermark.low': room(FLOOD_MB + 40),
            'cluster.routing.allocation.disk.watermark.high': room(FLOOD_MB + 20),
            'cluster.routing.allocation.disk.watermark.flood_stage': room(FLOOD_MB),
            'cluster.info.update.interval': '10s',
          },
        },
      });
      return await whileAtWork(bed, async (server) => {
        const filler = join(disk.folder, 'filler');
        await command('sh', [
          '-c',
          `dd if=/dev/zero of="$0" bs=1M status=none 2>/dev/null || true; truncate -s -20M "$0"`,
          filler,
        ]);
        const isBlocked = async () =>
          JSON.stringify(await ask(server, 'GET', '_all/_settings?flat_settings=true')).includes(
            'read_only_allow_delete":"true',
          );
        await untilTrue(isBlocked);
        say('elasticsearch: the flood stage blocks writes');
        await sleep(isShort ? SHORT_MS : REFUSED_MS);
        rmSync(filler);
        await untilTrue(async () => !(await isBlocked()));
        return 1;
      });
    } finally {
      await bed?.close();
      await disk.remove();
    }
  },
};

/** A file system in a file, mounted: full is full. */
export async function smallDisk(
  mb: number,
): Promise<{ folder: string; data: string; remove(): Promise<void> }> {
  const place = temporaryFolder('disk');
  const [image, folder] = [join(place, 'image'), join(place, 'disk')];
  await command('sh', [
    '-c',
    `truncate -s ${mb}M "$0" && mkfs.ext4 -q -m 0 "$0" && mkdir "$1" && mount -o loop "$0" "$1"`,
    image,
    folder,
  ]);
  // Not the root of the disk, which holds a folder that only root may read.
  const data = join(folder, 'data');
  mkdirSync(data);
  chmodSync(data, 0o777);
  return {
    folder,
    data,
    async remove() {
      if (existsSync(folder)) await command('umount', ['--lazy', folder]);
      removeFolder(place);
    },
  };
}
