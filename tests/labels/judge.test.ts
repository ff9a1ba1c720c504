/** The judge of the label tests, on a made-up minute: it must be able to say "missed" and "noisy". */
import { expect, it } from 'vitest';
import type { Alert, Level } from '../../core/documents.ts';
import type { Event } from '../../core/event.ts';
import { judge, type Label, type SampleEvent, unexplained } from './judge.ts';

const label = (expect: Label['expect'], more: Partial<Label>): Label => ({
  dataset: 'lab',
  start: '2026-03-04T10:00:00Z',
  end: '2026-03-04T10:00:05Z',
  label: expect,
  malicious: expect === 'alert',
  expect,
  ...more,
});

const sample = (id: string, second: number, user: string, ip?: string): SampleEvent => ({
  dataset: 'lab',
  file: 'folder/lab.log',
  event: {
    '@timestamp': `2026-03-04T10:00:${String(second).padStart(2, '0')}.500Z`,
    ecs: { version: '9.4.0' },
    event: { id, hash: id, dataset: 'lab.log', created: '2026-03-04T11:00:00Z' },
    user: { name: user },
    ...(ip ? { source: { ip } } : {}),
  } satisfies Event,
});

const alert = (level: Level, ...events: string[]): Alert => ({
  id: `${level}-${events.join()}`,
  kind: 'event',
  rule: { id: 'r', title: 'Something', level, hash: 'h', tags: [] },
  from: '',
  to: '',
  created: '',
  events,
  eventCount: events.length,
  datasets: [],
  entities: [],
  state: 'open',
  history: [],
});

const hostile = label('alert', { source: '192.0.2.66', target: 'ana' });
const ordinary = label('quiet', { actor: 'ana,rui', source: '192.0.2.21' });
const events = [
  sample('attack', 1, 'Ana', '192.0.2.66'),
  sample('work', 2, 'rui', '192.0.2.21'),
  sample('late', 7, 'ana', '192.0.2.66'),
];
const verdictOf = (one: Label, alerts: Alert[], files = ['x/lab.log']) =>
  judge([hostile, ordinary], events, alerts, files).find(({ label }) => label === one)?.verdict;

it('says covered when the evidence lies in the window and shares the source', () => {
  expect(verdictOf(hostile, [alert('medium', 'attack')])).toBe('covered');
});

it.each([
  ['there is no alert', []],
  ['the alert is too low', [alert('low', 'attack')]],
  ['the evidence is over a second late', [alert('high', 'late')]],
  ['the evidence is about somebody else', [alert('high', 'work')]],
])('says missed when %s', (_, alerts) => {
  expect(verdictOf(hostile, alerts)).toBe('missed');
});

it('says noisy when ordinary work alerts', () => {
  expect(verdictOf(ordinary, [alert('medium', 'work')])).toBe('noisy');
});

it('does not count an attack on a person against the same person at work', () => {
  expect(verdictOf(ordinary, [alert('high', 'attack')])).toBe('silent');
});

it('leaves out a label whose files were not read', () => {
  const elsewhere = { ...hostile, files: ['other.log'] };
  expect(judge([elsewhere], events, [], ['lab.log'])[0]?.verdict).toBe('absent');
});

it('lists alerts that no label explains', () => {
  expect(
    unexplained([hostile, ordinary], events, [alert('high', 'attack'), alert('high', 'work')]).map(
      (one) => one.events,
    ),
  ).toEqual([['work']]);
});
