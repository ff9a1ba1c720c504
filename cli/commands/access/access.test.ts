import { expect, it } from 'vitest';
import type { Access } from '../../../core/documents.ts';
import type { Api } from '../../api.ts';
import type { Context } from '../../command.ts';
import { accessCommands } from './index.ts';

const sample: Access = {
  id: 'ACC-2026-000017',
  who: 'ana',
  system: 'payments',
  kind: 'postgresql',
  role: 'payments_admin',
  account: 'ana_adm',
  why: 'index rebuild',
  minutes: 90,
  requestedBy: 'ana',
  requested: '2026-11-28T10:00:00.000Z',
  state: 'waiting',
  policyLine: 'everything-else',
  plan: {
    targets: [],
    changes: ['+ more'],
    stays: [],
    undo: 'takes it away',
    proof: 'reads it',
    bounds: {},
    observed: {},
  },
  found: null,
  planHash: '3f2a90bc'.repeat(8),
  approvals: [],
  approvalsNeeded: 1,
  expires: '2026-11-29T10:00:00.000Z',
  attempts: 0,
  recordings: [],
  history: [],
};
const proven = { outcome: 'proven', detail: 'gone' } as const;
const ended: Access = {
  ...sample,
  state: 'ended',
  given: {
    from: '2026-11-28T10:05:00.000Z',
    to: '2026-11-28T11:35:00.000Z',
    outcome: 'proven',
    detail: 'is there',
  },
  ended: { at: '2026-11-28T13:36:00.000Z', proof: { right: proven, sessions: proven }, lateMs: 7_260_000 },
  reviewBy: '2026-12-05T13:36:00.000Z',
};

function run(name: string, args: string[], options: Record<string, unknown>, answer: Access) {
  const sent: unknown[] = [];
  const notes: string[] = [];
  const reply = async (url: string, body?: unknown) => {
    if (body !== undefined) sent.push([url, body]);
    return url.startsWith('/api/v1/access?') ? { access: [answer] } : { access: answer };
  };
  // What the commands use of their context.
  const context = {
    api: async () => ({ get: reply, post: reply }) as unknown as Api,
    note: (line: string) => void notes.push(line),
  };
  const command = accessCommands.find((one) => one.name === `access ${name}`)!;
  const result = command.run(args, options, context as unknown as Context);
  return { result, sent, notes };
}

it('asks with a length of time in words', async () => {
  const { result, sent } = run(
    'request',
    [],
    { system: 'payments', role: 'r', why: 'w', for: '2h', from: 'T' },
    sample,
  );
  expect((await result).text).toContain('1 h 30 min');
  expect(sent).toEqual([
    ['/api/v1/access', { system: 'payments', role: 'r', why: 'w', notBefore: 'T', minutes: 120 }],
  ]);
});

it.each(['2', '2x', '0h', '-1h', '1.5h'])('does not take %s for a length of time', async (text) => {
  await expect(run('request', [], { for: text }, sample).result).rejects.toThrow(/is no length of time/);
});

it('approves only the plan whose hash was read', async () => {
  await expect(run('approve', [sample.id], { plan: '3f2a' }, sample).result).rejects.toThrow(
    /has another hash/,
  );
  const { result, sent } = run('approve', [sample.id], { plan: '3f2a90bc' }, sample);
  await result;
  expect(sent).toEqual([[`/api/v1/access/${sample.id}/approve`, { planHash: sample.planHash }]]);
});

it('says aloud what ended late and what has not ended', async () => {
  expect((await run('list', [], {}, ended).result).text).toContain('ended, 2 h 1 min LATE, to review');
  const trouble = { at: '', detail: 'no answer', next: '' };
  const { result, notes } = run('end', [sample.id], { reason: 'x' }, { ...ended, state: 'ending', trouble });
  expect((await result).exitCode).toBe(1);
  expect(notes).toEqual(['ACC-2026-000017 is ending, NOT ENDED YET: Vigia goes on trying']);
});
