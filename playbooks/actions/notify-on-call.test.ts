import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Run } from '../../core/documents.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import { type MailSink, mailSink } from '../../tests/proofs/mail-sink.ts';
import { type RecordedServer, recordedServer } from '../../tests/proofs/recorded-server.ts';
import { loadPolicies, type Playbooks, type PlaybooksOptions, reachChains } from '../index.ts';
import { approver, type Bench, openBench, policiesFolder as shipped } from '../testbench/bench.ts';
import { notifyOnCall } from './notify-on-call.ts';

const MINUTE = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'vigia-on-call-'));
const [flowsFolder, policiesFolder] = [join(folder, 'flows'), join(folder, 'policies')];
mkdirSync(flowsFolder);
cpSync(shipped, policiesFolder, { recursive: true });
writeFileSync(
  join(flowsFolder, 'wake.yml'),
  `id: wake
title: Wake somebody
description: For a test.
input:
  chain: { type: string, description: "The chain.", required: true }
steps:
  - name: Call
    action: notify.on-call
    with: { chain: "{{input.chain}}", title: "Conta à espera", text: "Ver o incidente." }
`,
);
const mailTo = (who: string) =>
  `{ who: ${who}, by: mail, system: mail, to: ${who}@example.test, wait_minutes: 10 }`;
const hook = (who: string, system = 'pager') =>
  `{ who: ${who}, by: webhook, system: ${system}, wait_minutes: 5 }`;
const policy = (chains: Record<string, string[]>) =>
  `source: a test\nsince: 2026-11-28\nchains:\n${Object.entries(chains)
    .map(
      ([id, people]) =>
        `  - id: ${id}\n    title: ${id}\n    people:\n${people.map((one) => `      - ${one}\n`).join('')}`,
    )
    .join('')}`;
writeFileSync(
  join(policiesFolder, 'on-call.yml'),
  policy({
    soc: [mailTo('ana'), mailTo('rui')],
    'gone-first': [mailTo('gone'), hook('desk', 'broken'), mailTo('rui')],
    pager: [hook('phone')],
    quick: [hook('phone', 'quick'), mailTo('ana')],
    forged: [hook('phone', 'forged')],
  }),
);

let sink: MailSink;
let receiver: RecordedServer;
let bench: Bench;
let options: Partial<PlaybooksOptions>;
beforeAll(async () => {
  process.env['VIGIA_TEST_HOOK'] = 'Va1-hook-secret';
  sink = await mailSink();
  receiver = await recordedServer({
    'POST /hook': () => 204,
    'POST /broken': () => [410, { why: 'moved' }],
    'POST /quick': ({ json }) => [200, { id: (json as { id: string }).id, acknowledgedBy: 'eva' }],
    'POST /forged': () => [200, { id: 'another', acknowledgedBy: 'eva' }],
  });
  const to = (path: string) =>
    ({ kind: 'webhook', url: `${receiver.url}${path}`, passwordEnv: 'VIGIA_TEST_HOOK' }) as const;
  options = {
    flowsFolder,
    policiesFolder,
    actions: [notifyOnCall],
    targets: {
      mail: sink.settings,
      pager: to('/hook'),
      broken: to('/broken'),
      quick: to('/quick'),
      forged: to('/forged'),
    },
  };
});
beforeEach(async () => {
  sink.mails.splice(0);
  await bench?.close();
  bench = await openBench(openEmbedded);
});
afterAll(async () => {
  delete process.env['VIGIA_TEST_HOOK'];
  await bench?.close();
  await sink?.close();
  await receiver?.close();
  rmSync(folder, { recursive: true });
});

const begin = async (vigia: Playbooks, chain: string): Promise<Run> => {
  const run = await vigia.start('wake', { chain }, 'rita');
  return await vigia.execute(run.id);
};
/** As the service does it: whatever may move, moves. */
const look = async (vigia: Playbooks): Promise<void> => {
  for (const { id } of await vigia.unfinished()) await vigia.execute(id);
};
const callsOf = async (vigia: Playbooks, { id }: Run) =>
  (await vigia.journal(id))
    .filter(({ entry }) => entry === 'called')
    .map(({ data }) => `${data['who']}: ${data['outcome']}`);
const told = () => sink.mails.flatMap(({ to }) => to);

describe('notify.on-call', () => {
  it('calls the next only when the time of the one before is over, and nobody after an answer', async () => {
    const vigia = bench.process(options);
    const run = await begin(vigia, 'soc');
    expect(run).toMatchObject({ state: 'running', held: { why: 'question', until: expect.any(String) } });
    expect(told()).toEqual(['ana@example.test']);
    expect(sink.mails[0]?.text).toContain(`vigia runs answer ${run.number} --step 1`);
    bench.wait(10 * MINUTE - 1);
    await look(vigia);
    expect(told()).toEqual(['ana@example.test']);
    bench.wait(1);
    await look(vigia);
    expect(told()).toEqual(['ana@example.test', 'rui@example.test']);
    const rui = { by: 'rui', roles: ['responder'] } as const;
    const answered = await vigia.answer(run.id, 0, rui, { done: true, text: 'I take it' });
    expect(answered).toMatchObject({
      state: 'done',
      steps: [{ outcome: 'proven', detail: 'rui: I take it' }],
    });
    bench.wait(60 * MINUTE);
    await look(vigia);
    expect(told()).toHaveLength(2);
    expect(await callsOf(vigia, run)).toEqual(['ana: proven', 'rui: proven']);
  });

  it('is loud when nobody answers, also after the run has ended', async () => {
    const vigia = bench.process(options);
    const run = await begin(vigia, 'soc');
    for (let minute = 0; minute < 20; minute += 1) {
      bench.wait(MINUTE);
      await look(vigia);
    }
    expect(await vigia.run(run.id)).toMatchObject({
      state: 'not-proven',
      steps: [{ outcome: 'not-proven', detail: expect.stringContaining('NOBODY ANSWERED') }],
    });
    const concerns = await vigia.attend();
    expect(concerns).toMatchObject([
      { kind: 'unheard', level: 'critical', detail: expect.stringContaining(run.number) },
    ]);
    expect(await vigia.attend()).toEqual(concerns);
  });

  it('does not wait for whoever was not reached: the journal says which was refused', async () => {
    const vigia = bench.process(options);
    const run = await begin(vigia, 'gone-first');
    expect(await callsOf(vigia, run)).toEqual(['gone: not-proven', 'desk: not-proven', 'rui: proven']);
    expect(told()).toEqual(['rui@example.test']);
  });

  it('takes the answer of a webhook for an acknowledgement when it names this very call', async () => {
    const vigia = bench.process(options);
    expect(await begin(vigia, 'quick')).toMatchObject({
      state: 'done',
      steps: [{ outcome: 'proven', detail: expect.stringContaining('eva (answer of quick)') }],
    });
    expect(told()).toEqual([]);
    expect(receiver.calls.find(({ call }) => call === 'POST /quick')?.json).toMatchObject({
      kind: 'on-call',
      title: 'Conta à espera',
    });
    expect(await begin(vigia, 'forged')).toMatchObject({ state: 'running', held: { why: 'question' } });
    expect(await begin(vigia, 'pager')).toMatchObject({ state: 'running', held: { why: 'question' } });
  });

  it('does not repeat a call whose answer a crash lost: it is unknown, and the next is called', async () => {
    let dies = true;
    const dying = bench.process({
      ...options,
      onCut: (point) => {
        if (point === 'after mail send' && dies) {
          dies = false;
          throw new Error('killed');
        }
      },
    });
    const run = await dying.start('wake', { chain: 'soc' }, 'rita');
    await expect(dying.execute(run.id)).rejects.toThrow('killed');
    bench.wait(2 * MINUTE);
    const vigia = bench.process(options);
    await look(vigia);
    expect(await callsOf(vigia, run)).toEqual(['ana: unknown', 'rui: proven']);
    expect(told()).toEqual(['ana@example.test', 'rui@example.test']);
  });

  it('calls nobody while all is stopped, and goes on where it was', async () => {
    const vigia = bench.process(options);
    const run = await begin(vigia, 'soc');
    await vigia.stopAll({ by: 'ana', reason: 'a test' });
    bench.wait(30 * MINUTE);
    await vigia.execute(run.id);
    expect(told()).toHaveLength(1);
    await vigia.release({ by: approver.by, reason: 'over' });
    await look(vigia);
    expect(told()).toEqual(['ana@example.test', 'rui@example.test']);
  });

  it('refuses a chain that there is not, and an answer that takes nothing', async () => {
    const vigia = bench.process(options);
    await expect(vigia.start('wake', { chain: 'nobody' }, 'rita')).rejects.toThrow(/has no chain "nobody"/);
    const run = await begin(vigia, 'soc');
    const no = { done: false, text: 'not me' };
    await expect(vigia.answer(run.id, 0, approver, no)).rejects.toThrow(/can only be taken/);
  });
});

describe('whether those on call can be reached', () => {
  const reach = async (id: string) => {
    const chains = loadPolicies(policiesFolder).onCall.filter((chain) => chain.id === id);
    return await reachChains(chains, options.targets ?? {}, Date.now);
  };

  it('is asked of the mail server without a mail, and of a webhook by a signed ping', async () => {
    expect(await reach('gone-first')).toMatchObject([
      { who: 'gone', outcome: 'not-proven', detail: expect.stringContaining('no such user') },
      { who: 'desk', outcome: 'not-proven', detail: expect.stringContaining('410') },
      // This server takes any name, and says so when it is asked for one that nobody has.
      { who: 'rui', outcome: 'unknown', detail: expect.stringContaining('takes any name') },
    ]);
    expect(await reach('pager')).toMatchObject([{ outcome: 'proven' }]);
    expect(receiver.calls.at(-1)?.json).toMatchObject({ kind: 'ping' });
    expect(receiver.calls.at(-1)?.headers['x-vigia-signature']).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
    expect(sink.mails).toEqual([]);
  });

  it('is proven by a server that tells names apart', async () => {
    sink.refuse(/^vigia-/);
    expect(await reach('soc')).toMatchObject([{ outcome: 'proven' }, { outcome: 'proven' }]);
    sink.refuse(/^gone@/);
  });

  it('is not proven without the channel, and unknown where the server says nothing', async () => {
    const chains = [
      { id: 'x', title: 'x', people: [{ who: 'ana', by: 'webhook', system: 'mail', wait_minutes: 5 }] },
    ] as const;
    expect(await reachChains(chains, options.targets ?? {}, Date.now)).toMatchObject([
      { outcome: 'not-proven', detail: expect.stringContaining('no webhook target') },
    ]);
    const mail = { ...sink.settings, port: 1 };
    const soc = loadPolicies(policiesFolder).onCall.filter(({ id }) => id === 'soc');
    expect((await reachChains(soc, { mail }, Date.now))[0]).toMatchObject({ outcome: 'not-proven' });
  });
});

it.each([
  [
    'a mail to nobody',
    '{ who: ana, by: mail, system: mail, wait_minutes: 5 }',
    /called by mail at no address/,
  ],
  [
    'a webhook with an address',
    '{ who: ana, by: webhook, system: x, to: a@b.test, wait_minutes: 5 }',
    /one receiver/,
  ],
  ['no time to answer', '{ who: ana, by: webhook, system: x, wait_minutes: 0 }', /wait_minutes/],
])('is not read from a policy with %s', (_, person, message) => {
  const broken = join(folder, 'broken');
  cpSync(shipped, broken, { recursive: true });
  writeFileSync(join(broken, 'on-call.yml'), policy({ soc: [person] }));
  expect(() => loadPolicies(broken)).toThrow(message);
});
