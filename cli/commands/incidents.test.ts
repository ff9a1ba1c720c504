/** What `vigia incidents show` tells of alerts: whose rule it is, what was found, and what exceptions hid. */
import { expect, it } from 'vitest';
import type { Alert } from '../../core/documents.ts';
import type { Api } from '../api.ts';
import { incidentCommands } from './incidents.ts';

const alert: Alert = {
  id: 'a1',
  kind: 'absence',
  rule: {
    id: '0f27f3cf-ef8f-4bd5-b95b-1e68647ebf31',
    title: 'Backup did not finish',
    level: 'high',
    hash: 'h',
    author: 'Somebody Else',
    path: 'linux/backup.yml',
    tags: [],
  },
  from: '2026-03-01T10:00:00.000Z',
  to: '2026-03-01T10:00:00.000Z',
  created: '2026-03-01T10:00:01.000Z',
  events: ['e1'],
  eventCount: 1,
  datasets: ['linux.cron'],
  entities: [],
  detail: 'host.name srv-1: the last came at \u001b[31m10:00',
  state: 'open',
  history: [],
};
const shown = {
  incident: { number: 'INC-2026-000001', title: 'T', severity: 'high', state: 'new', entities: [], tags: [] },
  alerts: [alert],
  timeline: { entries: [], events: { total: 1, shown: 1 } },
  clocks: [],
  runs: [],
  suppressed: [{ exception: 'EXC-2026-000001', rule: 'Other rule', alerts: 7 }],
};
const show = incidentCommands.find(({ name }) => name === 'incidents show')!;

it('names author, file and id of the rule, as its license asks, what was found, and what is suppressed', async () => {
  const api = { get: async () => shown } as unknown as Api;
  const { text } = await show.run(
    ['INC-2026-000001'],
    {},
    {
      api: async () => api,
      settingsFile: undefined,
      json: false,
      print: () => undefined,
      note: () => undefined,
      signal: new AbortController().signal,
    },
  );
  expect(text).toMatch(/Backup did not finish +Somebody Else +linux\/backup\.yml 0f27f3cf-ef8f-/);
  expect(text).toContain('host.name srv-1: the last came at ␛[31m10:00');
  expect(text).toMatch(/7 +EXC-2026-000001 +Other rule/);
});
