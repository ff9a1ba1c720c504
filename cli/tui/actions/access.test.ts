/** Access and patching by keys: what is sent, and what is not. */
import { expect, it } from 'vitest';
import { type Bench, started } from '../testbench/bench.ts';
import { access, accessAnswer, run, waveRun } from '../testbench/samples.ts';

const sent = (one: Bench) => one.calls.filter(({ method }) => method === 'POST');
const keys = async (one: Bench, ...all: readonly string[]) => {
  for (const key of all) await one.type(key);
};

it('approves exactly the plan that was on the screen, after the account was typed', async () => {
  const one = await started();
  await keys(one, '6', 'd');
  // From the list it is opened first.
  expect([one.c.state.access.id, one.c.state.dialog]).toEqual(['ACC-2026-000017', undefined]);
  await keys(one, 'd');
  await one.typeSlowly('marta');
  await keys(one, '\r');
  expect(sent(one)).toEqual([]);
  expect(one.screen().join('\n')).toContain('Type marta_adm');
  await one.typeSlowly('_adm');
  await keys(one, '\r');
  expect(sent(one)).toEqual([
    {
      method: 'POST',
      path: '/api/v1/access/ACC-2026-000017/approve',
      body: { planHash: access().planHash },
    },
  ]);
  expect(one.screen().join('\n')).toContain('ACC-2026-000017 is now: active');
});

it('wants the account typed anew each time', async () => {
  const one = await started();
  await keys(one, '6', '\r', 'd');
  await one.typeSlowly('marta_adm');
  await keys(one, '\u001b');
  one.clock.now += 1_000;
  await keys(one, 'd', '\r');
  expect(sent(one)).toEqual([]);
});

it.each([
  ['who gets it', { user: 'Marta' }, /asked for it or gets it/],
  ['a console that only reads', { readonly: true }, /read-only/],
])('lets %s decide nothing', async (_, options, why) => {
  const one = await started(options);
  await keys(one, '6', '\r', 'd');
  await keys(one, 'X');
  expect([one.c.state.dialog, sent(one)]).toEqual([undefined, []]);
  expect(one.screen().join('\n')).toMatch(why);
});

it('refuses with a reason, and keeps a reason that was begun', async () => {
  const one = await started();
  await keys(one, '6', 'X');
  await one.typeSlowly('no window');
  await keys(one, '\u001b', 'X', '\r');
  expect(sent(one)).toEqual([
    { method: 'POST', path: '/api/v1/access/ACC-2026-000017/refuse', body: { reason: 'no window' } },
  ]);
});

it('ends nothing that has ended', async () => {
  const over = access({ state: 'ended' });
  const one = await started({ answers: { 'GET /api/v1/access': { access: [over] } } });
  await keys(one, '6', 'E');
  expect(one.screen().join('\n')).toContain('this access is ended');
  expect(one.c.state.dialog).toBeUndefined();
});

it('asks for access with what was filled in', async () => {
  const one = await started({ answers: { 'POST /api/v1/access': { access: access() } } });
  await keys(one, '6', 'n');
  for (const text of ['payments', 'payments_admin', '', '', 'index']) {
    if (text !== '') await one.typeSlowly(text);
    await keys(one, '\t');
  }
  await keys(one, '\r');
  expect(sent(one)[0]?.body).toEqual({
    system: 'payments',
    role: 'payments_admin',
    minutes: 60,
    why: 'index',
  });
  expect(one.c.state.access.id).toBe(accessAnswer().access.id);
});

it('plans a wave, says who was left out, and asks for the run of that very plan', async () => {
  const one = await started();
  await keys(one, '7', 'p');
  expect(one.c.state.messages.at(-1)?.text).toBe('left out: web3: no route to host');
  one.clock.now += 400;
  await keys(one, 'y');
  expect(sent(one).at(-1)).toMatchObject({
    path: '/api/v1/runs',
    body: { input: { hosts: ['web1', 'web2'] }, seen: run().planHash },
  });
});

it('opens the last run of a wave, and comes back to the waves', async () => {
  const one = await started({ answers: { 'GET /api/v1/runs': { runs: [run(), waveRun()] } } });
  await keys(one, '7', '\r');
  expect([one.c.state.screen, one.c.state.run.id]).toEqual(['runs', 'r2']);
  await keys(one, '\u001b');
  expect(one.c.state.screen).toBe('patching');
  await keys(one, 'j', '\r');
  expect(one.c.state.messages.at(-1)?.text).toContain('has not been run yet');
});
