import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbedded } from '../store/embedded/open.ts';
import { type Audit, type Heads, openAudit } from './audit.ts';
import { auditKey, fileHeads } from './audit-files.ts';
import { verifyAudit } from './audit-verify.ts';
import type { AuditEntry } from './documents.ts';
import type { Store } from './store.ts';

let folder: string;
let store: Store;
let key: Uint8Array;
let heads: Heads;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigia-audit-'));
  store = await openEmbedded({ file: join(folder, 'store.db') });
  key = await auditKey(join(folder, 'keys', 'audit.key'));
  heads = fileHeads(join(folder, 'keys'));
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const open = (writer = 'serve-1'): Promise<Audit> =>
  openAudit({
    documents: store.documents,
    writer,
    key,
    heads,
    now: () => Date.parse('2026-11-21T19:00:00Z'),
  });
const act = (number: number) => ({
  who: 'ana',
  action: 'incident.note',
  target: `INC-2026-00000${number}`,
  details: { length: number, absent: undefined, nested: { b: 1, a: [1, 2] } },
});
const verify = () => verifyAudit({ documents: store.documents, key, heads });

/** What somebody with full rights on the store, but without the key, could do. */
async function tamper(
  sequence: number,
  change: (entry: AuditEntry) => AuditEntry | undefined,
): Promise<void> {
  const id = `serve-1:${String(sequence).padStart(12, '0')}`;
  const { body, version } = (await store.documents.get('audit', id))!;
  const changed = change(body);
  if (changed) await store.documents.update('audit', id, changed, version);
  else await store.documents.delete('audit', id, version);
}

describe('the audit trail', () => {
  it('is one unbroken chain per writer, also over restarts and with many acts at once', async () => {
    const first = await open();
    await Promise.all([1, 2, 3].map((number) => first.record(act(number))));
    await (await open()).record(act(4));
    await (await open('serve-2')).record(act(5));
    expect(await verify()).toEqual({
      chains: [
        { writer: 'serve-1', entries: 4, last: 4 },
        { writer: 'serve-2', entries: 1, last: 1 },
      ],
      problems: [],
    });
  });

  it('stays one chain when two processes write under one name', async () => {
    const [left, right] = [await open(), await open()];
    await Promise.all([1, 2, 3, 4, 5, 6].map((number) => (number % 2 ? left : right).record(act(number))));
    expect(await verify()).toEqual({ chains: [{ writer: 'serve-1', entries: 6, last: 6 }], problems: [] });
  });

  it.each<
    [string, number, (entry: AuditEntry) => AuditEntry | undefined, { sequence: number; problem: string }]
  >([
    ['another name', 2, (entry) => ({ ...entry, who: 'rui' }), { sequence: 2, problem: 'altered' }],
    [
      'another detail',
      2,
      (entry) => ({ ...entry, details: { ...entry.details, length: 9 } }),
      { sequence: 2, problem: 'altered' },
    ],
    ['another hash', 2, (entry) => ({ ...entry, hash: 'f'.repeat(64) }), { sequence: 2, problem: 'altered' }],
    ['an entry taken out', 2, () => undefined, { sequence: 2, problem: 'missing' }],
    ['the first entry taken out', 1, () => undefined, { sequence: 1, problem: 'missing' }],
    ['the end cut off', 3, () => undefined, { sequence: 3, problem: 'cut-off' }],
    ['a number changed', 2, (entry) => ({ ...entry, sequence: 7 }), { sequence: 2, problem: 'missing' }],
  ])('notices %s', async (_, sequence, change, expected) => {
    const audit = await open();
    for (const number of [1, 2, 3]) await audit.record(act(number));
    await tamper(sequence, change);
    expect((await verify()).problems).toMatchObject([{ writer: 'serve-1', ...expected }]);
  });

  it('notices a chain that was rewritten from its start with another key', async () => {
    const audit = await open();
    await audit.record(act(1));
    const other = await openAudit({
      documents: store.documents,
      writer: 'serve-9',
      key: Buffer.alloc(32, 1),
      heads: { read: async () => ({}), write: async () => {} },
      now: () => 0,
    });
    const forged = await other.record(act(2));
    await tamper(1, () => ({ ...forged, writer: 'serve-1' }));
    expect((await verify()).problems.map(({ writer, problem }) => [writer, problem])).toEqual([
      ['serve-1', 'altered'],
      ['serve-9', 'altered'],
    ]);
  });

  it('leaves the gap visible when entries vanish and writing goes on', async () => {
    const audit = await open();
    for (const number of [1, 2, 3]) await audit.record(act(number));
    await tamper(3, () => undefined);
    const next = await (await open()).record(act(4));
    expect(next.sequence).toBe(4);
    expect((await verify()).problems).toMatchObject([{ sequence: 3, problem: 'missing' }]);
  });
});

describe('the key of the audit trail', () => {
  it('is made once, for its owner only', async () => {
    const file = join(folder, 'keys', 'audit.key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(Buffer.from(await auditKey(file))).toEqual(Buffer.from(key));
    const racing = join(folder, 'racing', 'audit.key');
    const keys = await Promise.all([auditKey(racing), auditKey(racing), auditKey(racing)]);
    expect(new Set(keys.map((made) => Buffer.from(made).toString('hex'))).size).toBe(1);
  });

  it('is refused when others may read it or when it is damaged, without being shown', async () => {
    const file = join(folder, 'keys', 'audit.key');
    const content = await readFile(file, 'utf8');
    await chmod(file, 0o640);
    await expect(auditKey(file)).rejects.toMatchObject({ code: 'refused', hint: `chmod 600 ${file}` });
    await chmod(file, 0o600);
    await writeFile(file, content.slice(0, 40));
    const error = await auditKey(file).catch((cause: Error) => cause);
    expect(error).toMatchObject({ code: 'usage' });
    expect(String(error)).not.toContain(content.slice(0, 10));
  });
});
