import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Incident } from '../core/documents.ts';
import { openEmbedded } from '../store/embedded/open.ts';
import { actions, type Concern, loadFlows, loadPolicies } from './index.ts';
import { type Bench, flowsFolder, openBench, policiesFolder } from './testbench/bench.ts';

let bench: Bench;
let folder: string;
const told: Concern[] = [];
const tell = async (concern: Concern) => void told.push(concern);
beforeEach(async () => {
  bench = await openBench(openEmbedded);
  folder = mkdtempSync(join(tmpdir(), 'vigia-automatic-'));
  cpSync(policiesFolder, join(folder, 'policies'), { recursive: true });
  cpSync(flowsFolder, join(folder, 'flows'), { recursive: true });
  writeFileSync(
    join(folder, 'flows', 'ask-about.yml'),
    `id: ask-about
title: Ask about a lamp
description: A flow that may start by itself.
safe: true
input: { lamps: { type: array, description: Lamps. } }
steps:
  - { name: Ask, safe: true, action: lamp.ask, for_each: '{{input.lamps}}', with: { lamp: '{{item}}' } }
`,
  );
  told.length = 0;
});
afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true });
});

const start = `
  - id: ask
    flow: ask-about
    when: 'incident.severity:(high or critical) and incident.tags:attack.t1486'
    input: { lamps: '{{incident.hosts}}' }
`;
function vigia(starts = start, change = (text: string) => text) {
  const file = join(folder, 'policies', 'automation.yml');
  const text = readFileSync(join(policiesFolder, 'automation.yml'), 'utf8');
  writeFileSync(file, change(text.replace('starts: []', `starts:${starts}`)));
  return bench.process({ policiesFolder: join(folder, 'policies'), flowsFolder: join(folder, 'flows') });
}
let made = 0;
async function incident(change: Partial<Incident> = {}): Promise<Incident> {
  made += 1;
  const body: Incident = {
    id: `incident-${made}`,
    number: `INC-2026-${made}`,
    title: 'Files are encrypted',
    severity: 'high',
    state: 'new',
    created: new Date(Date.UTC(2026, 10, 22, 9)).toISOString(),
    from: '',
    to: '',
    entities: [
      { type: 'host', name: 'hall' },
      { type: 'user', name: 'dave' },
      { type: 'host', name: 'stairs' },
    ],
    keys: [],
    alertCount: 1,
    eventCount: 1,
    tags: ['attack.t1486'],
    notes: [],
    history: [],
    ...change,
  };
  await bench.store.documents.create('incident', body.id, body);
  return body;
}
const runs = async () => (await bench.store.documents.find('run', {})).found.map(({ body }) => body);

it('starts a safe flow once for an incident that meets the condition, with what is involved', async () => {
  const one = await incident();
  await Promise.all([vigia().startFor(one, tell), vigia().startFor(one, tell)]);
  await vigia().startFor(one, tell);
  expect(await runs()).toMatchObject([
    { requestedBy: 'automation', incident: one.id, input: { lamps: ['hall', 'stairs'] }, state: 'waiting' },
  ]);
  expect(told).toEqual([]);
});

it.each([
  ['another severity', { severity: 'medium' as const }],
  ['other tags', { tags: [] }],
])('starts nothing for an incident with %s', async (_, change) => {
  await vigia().startFor(await incident(change), tell);
  expect([await runs(), told]).toEqual([[], []]);
});

it.each([
  [
    'a flow that is not marked safe',
    start.replace('ask-about', 'switch-off'),
    /switch-off is not marked safe/,
  ],
  ['a flow that is not there', start.replace('ask-about', 'nothing'), /no flow nothing/],
  ['an input that the flow does not take', start.replace('lamps:', 'lamp:'), /unknown key "lamp"/],
])('leaves %s to people, and says so once', async (_, starts, why) => {
  const one = await incident();
  await vigia(starts).startFor(one, tell);
  await vigia(starts).startFor(one, tell);
  expect(await runs()).toEqual([]);
  expect(told.map(({ kind, detail }) => [kind, why.test(detail)])).toEqual([['not-started', true]]);
});

it('keeps to the limit of starts, and starts again when the time is over', async () => {
  for (let n = 0; n < 6; n += 1) await vigia().startFor(await incident(), tell);
  expect((await runs()).length).toBe(5);
  expect(told.map(({ detail }) => detail)).toEqual([
    expect.stringMatching(/the limit: 5 automatic starts in 60 minutes, at most 5 are allowed/),
  ]);
  bench.wait(61 * 60_000);
  await vigia().startFor(await incident({ created: '2026-11-22T10:01:00.000Z' }), tell);
  expect((await runs()).length).toBe(6);
});

it('starts nothing in a storm of incidents, nor while all playbooks are stopped', async () => {
  for (let n = 0; n < 19; n += 1) await incident();
  await vigia().startFor(await incident(), tell);
  expect(told[0]?.detail).toMatch(/a storm: 20 new incidents in 10 minutes/);
  bench.wait(11 * 60_000);
  await bench.process().stopAll({ by: 'rui', reason: 'wait' });
  await vigia().startFor(await incident(), tell);
  expect(told[1]?.detail).toMatch(/stopped by rui/);
  expect(await runs()).toEqual([]);
});

it('names every mistake of the policy with its line', () => {
  const wrong = `
  - { id: a, flow: x, when: 'user.name:dave' }
  - { id: a, flow: x, when: 'incident.severity:(', input: { who: '{{input.x}}' } }
`;
  expect(() => loadPolicies(join(folder, 'policies'))).not.toThrow();
  vigia(wrong);
  expect(() => loadPolicies(join(folder, 'policies'))).toThrow(
    /automation\.yml:\d+:\d+ a condition cannot read "user\.name"[\s\S]*condition: [\s\S]*two starts have the id a|two starts have the id a/,
  );
});

it('refuses a flow that says it is safe and has a step that is not', () => {
  writeFileSync(
    join(folder, 'flows', 'ask-about.yml'),
    `id: bad
title: Bad
description: Bad
safe: true
steps:
  - { name: One, action: directory.disable-account, safe: true, with: { account: dave } }
  - { name: Two, action: person.confirm, with: { system: a, subject: b, task: c, evidence: d } }
`,
  );
  rmSync(join(folder, 'flows', 'switch-off.yml'));
  rmSync(join(folder, 'flows', 'light-show.yml'));
  expect(() => loadFlows(join(folder, 'flows'), actions)).toThrow(
    /ask-about\.yml:6:\d+ directory\.disable-account is destructive[\s\S]*:7:\d+ step "Two" is not marked safe/,
  );
});

it('ships only starts whose flow is there and safe', () => {
  const flows = loadFlows(join(policiesFolder, '..', 'playbooks', 'flows'), actions);
  for (const { flow } of loadPolicies(policiesFolder).automation.starts)
    expect(flows.get(flow)?.safe).toBe(true);
});
