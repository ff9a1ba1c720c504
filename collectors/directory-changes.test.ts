/** Changes of a real Samba AD, and records that no directory sends on demand: one that changes while it is read, and garbage. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readsOnly } from '../targets/calls.ts';
import { type Directory, withDirectory } from '../targets/directory.ts';
import { eventOf, keepsTheContract } from '../tests/collector-contract.ts';
import { needInstalled } from '../tests/testbed/need.ts';
import { type SambaAd, startSamba } from '../tests/testbed/samba.ts';
import type { DirectoryRecord } from './directory/record.ts';
import { directoryChanges } from './directory-changes.ts';
import { directoryReader } from './reading/directory.ts';
import type { ReadPosition } from './reading/reader.ts';

const samba = await needInstalled('samba');
const slow = 120_000;
type Use = Parameters<typeof directoryReader>[0];

/** Everything that is there now. */
async function readToEnd(use: Use, from: ReadPosition | undefined, windowWrites = 2_000) {
  const records: { record: DirectoryRecord; position: string; generation: number }[] = [];
  const warnings: string[] = [];
  let next = from!;
  const reader = directoryReader(use, { everyMs: 5, windowWrites });
  for await (const batch of reader(from, {
    signal: new AbortController().signal,
    until: 'end',
    batchBytes: 1,
    maxRecordBytes: 1_000_000,
    warn: (text) => warnings.push(text),
  })) {
    for (const { raw, position, generation } of batch.records)
      records.push({
        record: JSON.parse(Buffer.from(raw).toString()) as DirectoryRecord,
        position,
        generation,
      });
    next = batch.next;
  }
  return { records, warnings, next };
}

describe('directory-changes', () => {
  keepsTheContract(directoryChanges);

  samba.describe('on a real directory', () => {
    let server: SambaAd;
    let folder: string;
    const use: Use = (ask) =>
      withDirectory(
        'directory',
        {
          kind: 'directory',
          url: server.url,
          bindDn: server.admin.dn,
          passwordFile: join(folder, 'password'),
          caFile: server.caFile,
        },
        readsOnly,
        ask,
      );
    beforeAll(async () => {
      server = await startSamba();
      folder = mkdtempSync(join(tmpdir(), 'vigia-directory-'));
      writeFileSync(join(folder, 'password'), server.admin.password);
    }, slow);
    afterAll(async () => {
      await server?.stop();
      rmSync(folder, { recursive: true });
    }, slow);

    it('tells what was written, attribute by attribute, and nothing twice', { timeout: slow }, async () => {
      const start = await readToEnd(use, undefined);
      expect(start.records).toEqual([]);
      expect(start.warnings[0]).toMatch(/from now on/);

      await server.tool('user', 'create', 'nuno', 'Passw0rd-3x');
      await server.tool('group', 'addmembers', 'Domain Admins', 'nuno');
      const first = await readToEnd(use, start.next);
      const told = first.records.map(({ record }) => eventOf(directoryChanges, JSON.stringify(record)));
      const about = (name: string) =>
        told.filter(({ user, group }) => user?.target?.name === name || group?.name === name);
      expect(about('nuno')[0]).toMatchObject({
        event: { action: 'directory-object-created', category: ['iam'], type: ['user', 'creation'] },
        vigia: { directory: { dn: 'CN=nuno,CN=Users,DC=example,DC=test' } },
      });
      const attributes = about('nuno').flatMap(({ vigia }) => {
        const { attributes: names } = vigia!['directory'] as { attributes?: string[] };
        return names ?? [];
      });
      expect(attributes).toEqual(expect.arrayContaining(['userAccountControl', 'unicodePwd', 'objectClass']));
      expect(about('Domain Admins')).toMatchObject([
        {
          event: { action: 'directory-links-changed', type: ['group', 'change'] },
          vigia: {
            directory: { members: expect.arrayContaining(['nuno', 'Administrator']), member_count: 2 },
          },
        },
      ]);
      // A restart before the checkpoint was saved gives the same records with the same places.
      expect((await readToEnd(use, start.next)).records).toEqual(first.records);
      expect((await readToEnd(use, first.next)).records).toEqual([]);

      await server.tool('user', 'disable', 'nuno');
      await server.tool('user', 'delete', 'nuno');
      const second = await readToEnd(use, first.next);
      const gone = second.records.filter(({ record }) => record.account === 'nuno');
      expect(gone.map(({ record }) => record.change).at(-1)).toBe('deleted');
      expect(eventOf(directoryChanges, JSON.stringify(gone.at(-1)!.record))).toMatchObject({
        event: { action: 'directory-object-deleted' },
        user: { target: { name: 'nuno' } },
      });
    });

    it('gives the same in small steps as in one', { timeout: slow }, async () => {
      const { next } = await readToEnd(use, undefined);
      for (const name of ['um', 'dois', 'tres']) await server.tool('group', 'add', name);
      const [whole, parts] = [await readToEnd(use, next), await readToEnd(use, next, 2)];
      expect(whole.records.map(({ record }) => record.account)).toEqual(
        expect.arrayContaining(['um', 'dois', 'tres']),
      );
      const places = (read: typeof whole) => read.records.map(({ position }) => position).sort();
      expect(places(parts)).toEqual(places(whole));
    });

    it('looks back in time when the numbers are those of another database', { timeout: slow }, async () => {
      const { next } = await readToEnd(use, undefined);
      await server.tool('group', 'add', 'quatro');
      const elsewhere = { ...(JSON.parse(next.position) as object), identity: 'another' };
      const moved = await readToEnd(use, { generation: 1, position: JSON.stringify(elsewhere) });
      expect(moved.warnings[0]).toMatch(/another controller answers/);
      const found = moved.records.find(({ record }) => record.account === 'quatro');
      expect(found).toMatchObject({ generation: 2, record: { change: 'created' } });
    });
  });

  it.each([2, 2_000])(
    'misses nothing of an object that changes while it is read, and gives nothing twice, %i writes at once',
    async (windowWrites) => {
      /** Writes of attribute 3 by their numbers, as the directory tells them now. */
      let writes = [1];
      let committed = 1;
      const asked: string[] = [];
      const use = directoryOf(
        () => committed,
        () => writes,
        (filter) => {
          asked.push(filter);
          // It changes again before each answer but the last.
          if (asked.length < 4) writes = [...writes, (committed += 3)];
        },
      );
      let { next } = await readToEnd(use, undefined);
      committed = 4;
      writes = [1, 4];
      const seen: number[] = [];
      for (let pass = 0; pass < 5; pass++) {
        const read = await readToEnd(use, next, windowWrites);
        seen.push(...read.records.map(({ record }) => record.usn));
        ({ next } = read);
      }
      expect(seen).toEqual(writes.slice(1));
    },
  );
});

/** A directory with one object whose every write stays visible, each in an attribute of its own. */
function directoryOf(
  committed: () => number,
  writes: () => readonly number[],
  before: (filter: string) => void,
): Use {
  const entry = (values: Record<string, string | Buffer>, dn = '') => ({
    dn,
    guid: dn,
    texts: (name: string) => (values[name] === undefined ? [] : [String(values[name])]),
    text: (name: string) => (values[name] === undefined ? undefined : String(values[name])),
    bytes: (name: string) => (values[name] === undefined ? [] : [Buffer.from(values[name])]),
  });
  const directory: Directory = {
    baseDn: 'DC=x',
    server: 'ldaps://x',
    entry: async (dn) =>
      dn === ''
        ? entry({
            highestCommittedUSN: String(committed()),
            dsServiceName: 'CN=x',
            currentTime: '20261128100003.0Z',
          })
        : entry({ invocationId: 'x' }),
    search: async (filter) => {
      if (String(filter).includes('attributeSchema')) return [];
      before(String(filter));
      const [from, to = Infinity] = [...String(filter).matchAll(/uSNChanged[<>]=(\d+)/g)].map((found) =>
        Number(found[1]),
      );
      const newest = writes().at(-1)!;
      if (newest < from! || newest > to) return [];
      return [
        entry(
          {
            uSNChanged: String(newest),
            uSNCreated: '1',
            whenChanged: '20261128100003.0Z',
            replPropertyMetaData: metadataOf(writes()),
          },
          'CN=o',
        ),
      ];
    },
    modify: () => Promise.reject(new Error('never')),
    accepts: () => Promise.reject(new Error('never')),
  };
  return (ask) => ask(directory);
}

function metadataOf(usns: readonly number[]): Buffer {
  const bytes = Buffer.alloc(16 + usns.length * 48);
  bytes.writeUInt32LE(1, 0);
  bytes.writeUInt32LE(usns.length, 8);
  usns.forEach((usn, index) => {
    const at = 16 + index * 48;
    bytes.writeUInt32LE(index, at);
    bytes.writeUInt32LE(1, at + 4);
    bytes.writeBigUInt64LE(13_440_318_857n, at + 8);
    bytes.writeBigUInt64LE(BigInt(usn), at + 40);
  });
  return bytes;
}
