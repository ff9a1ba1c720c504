/** What a run keeps as evidence, through command and API: whole, tampered with, and with something gone. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Evidence, JournalEntry, Run } from '../../core/documents.ts';
import { findAll } from '../../core/find-all.ts';
import { keepFiles } from '../../playbooks/manifest.ts';
import { openServing, type Serving } from '../../server/testbench/serving.ts';
import type { Api } from '../api.ts';
import type { Context } from '../command.ts';
import { evidenceCommands } from './evidence.ts';

const RUN = 'RUN-2026-000007';
const BIG = Buffer.alloc(1_500_000, 'a line of a log\n');
let serving: Serving;
const folder = mkdtempSync(join(tmpdir(), 'vigia-evidence-'));
beforeAll(async () => {
  serving = await openServing();
  const { documents } = serving.parts.store;
  // Only what is looked at of a run.
  await documents.create('run', 'r7', { id: 'r7', number: RUN } as Run);
  const keep = (step: number) => async (name: string, content: Uint8Array) => {
    const sha256 = createHash('sha256').update(content).digest('hex');
    const body = {
      run: 'r7',
      step,
      at: '2026-11-28T09:00:00.000Z',
      by: 'rita',
      name,
      size: content.length,
      sha256,
    };
    await documents.create('evidence', `r7/${step}/${sha256}`, {
      ...body,
      content: Buffer.from(content).toString('base64'),
    });
    return sha256;
  };
  const { manifest } = await keepFiles(
    { keep: keep(0), list: async () => [] },
    { of: 'web1', at: '2026-11-28T09:00:00Z', facts: {} },
    (async function* () {
      yield { name: 'auth.log', from: 'tail', content: BIG };
      yield { name: '../../\u001b[31mprocesses', from: 'ps', content: Buffer.from('1 init\n') };
    })(),
  );
  const brought = await keep(1)('manifest.json', Buffer.from('not JSON at all'));
  await keep(1)('late.png', Buffer.from('nobody names it'));
  const journal: Pick<JournalEntry, 'step' | 'entry' | 'data'>[] = [
    { step: 0, entry: 'receipt', data: { receipt: { manifest, files: 2 } } },
    { step: 1, entry: 'answered', data: { done: true, text: 'isolated', evidence: brought } },
  ];
  for (const [index, entry] of journal.entries())
    await documents.create('journal', `r7:${index + 1}`, {
      run: 'r7',
      sequence: index + 1,
      at: '2026-11-28T09:00:00.000Z',
      by: 'rita',
      ...entry,
    });
});
afterAll(async () => {
  await serving.close();
  rmSync(folder, { recursive: true });
});

async function run(name: string, options: Record<string, unknown> = {}) {
  const get = async (path: string) => {
    const { status, body, text } = await serving.call('analyst', 'GET', path);
    if (status !== 200) throw new Error(`${status} ${text}`);
    return body;
  };
  const context = { api: async () => ({ get }) as unknown as Api } as unknown as Context;
  return await evidenceCommands.find((one) => one.name === `evidence ${name}`)!.run([RUN], options, context);
}
const statesOf = ({ data }: { data?: unknown }) =>
  (data as { files: { name: string; state: string }[] }).files.map(({ name, state }) => `${name}: ${state}`);
const documentOf = async (name: string) =>
  (await findAll(serving.parts.store.documents, 'evidence')).find(({ body }) => body.name === name)!;

it('is listed as whole files, each hashed again', async () => {
  const listed = await run('list');
  expect(statesOf(listed)).toEqual([
    'auth.log: intact',
    '../../\u001b[31mprocesses: intact',
    'manifest.json: intact',
    'late.png: unlisted',
    'manifest.json: intact',
  ]);
  expect(listed.exitCode).toBe(0);
  expect(listed.text).toContain(createHash('sha256').update(BIG).digest('hex'));
  expect(listed.text).not.toContain('\u001b');
});

it('is written into a new folder that sha256sum accepts, under names that lead nowhere else', async () => {
  const out = join(folder, 'whole');
  expect(await run('save', { out })).toMatchObject({ exitCode: 0 });
  expect(
    execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: out }).toString().trim().split('\n'),
  ).toHaveLength(5);
  expect(readFileSync(join(out, 'step1-1-auth.log')).equals(BIG)).toBe(true);
  expect(readdirSync(out)).toContain('step1-2-.._.._31mprocesses');
  await expect(run('save', { out })).rejects.toMatchObject({ exitCode: 2 });
});

it('is read by who may read events, and every piece that was fetched is in the audit trail', async () => {
  const { status } = await serving.call('viewer', 'GET', `/api/v1/runs/${RUN}/evidence`);
  expect(status).toBe(403);
  const trail = await findAll(serving.parts.store.documents, 'audit');
  const read = trail.filter(({ body }) => body.action === 'run.evidence.read' && body.who === 'analyst');
  // Two pieces of the log, and one of each of the four others.
  expect(read).toHaveLength(6);
});

it('is told to be changed or missing when somebody reached into the store', async () => {
  const { documents } = serving.parts.store;
  const part = await documentOf('auth.log (part 2 of 2)');
  const content = Buffer.alloc(part.body.size, 'forged').toString('base64');
  await documents.update('evidence', part.id, { ...part.body, content } satisfies Evidence, part.version);
  const brought = (await findAll(documents, 'evidence')).find(
    ({ body }) => body.step === 1 && body.name === 'manifest.json',
  )!;
  await documents.delete('evidence', brought.id, brought.version);
  const listed = await run('list');
  expect(listed.exitCode).toBe(1);
  expect(statesOf(listed)).toEqual([
    'auth.log: changed',
    '../../\u001b[31mprocesses: intact',
    'manifest.json: intact',
    'late.png: unlisted',
    'what a person brought: missing',
  ]);
  const saved = await run('save', { out: join(folder, 'forged') });
  expect(saved).toMatchObject({
    exitCode: 1,
    text: expect.stringMatching(/NOT AS IT WAS: step 1, auth\.log: its hash is/),
  });
  expect(saved.text).toContain('NOT AS IT WAS: step 2, what a person brought: missing');
});
