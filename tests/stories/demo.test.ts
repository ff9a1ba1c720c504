/** The demo as a newcomer runs it: what it finds is compared with the ground truth of the recording, and repeating it adds nothing. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Alert, Incident } from '../../core/documents.ts';
import { everyDocument } from '../../core/find-all.ts';
import { openStore } from '../../server/open-store.ts';
import { readSettings } from '../../server/settings.ts';
import { judge, type Label, type SampleEvent } from '../labels/judge.ts';
import { type Ended, projectRoot, run, sample } from './vigia.ts';

const settingsFile = join(projectRoot, 'demo', 'vigia.yml');
const state = mkdtempSync(join(tmpdir(), 'vigia-demo-'));
const demo = (...args: string[]): Promise<Ended> =>
  run(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(projectRoot, 'scripts', 'demo.ts'), ...args],
    {
      VIGIA_STATE: state,
    },
  );

interface Result {
  events: { stored: number; new: number };
  incidents: { total: number; new: number; bySeverity: Record<string, number> };
  alerts: { new: number };
  run: { number: string; state: string };
  reports: string[];
}
const resultOf = ({ stdout }: Ended): Result => JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Result;

interface Held {
  events: SampleEvent[];
  alerts: Alert[];
  incidents: Map<string, Incident>;
}

/** Everything the demo stored, each event with the sample file it was read from. */
async function held(): Promise<Held> {
  const settings = readSettings(settingsFile, { VIGIA_STATE: state });
  const files = settings.sources.flatMap(({ id, files: listed = [] }) =>
    listed.map((path) => ({ source: listed.length === 1 ? id : `${id}/${basename(path)}`, path })),
  );
  const store = await openStore(settings);
  try {
    const found: Held = { events: [], alerts: [], incidents: new Map() };
    let after: string | undefined;
    do {
      const page = await store.events.read({ size: 10_000, ...(after === undefined ? {} : { after }) });
      for (const event of page.events) {
        const { path } = files.find(({ source }) => source === event.vigia?.source?.id)!;
        found.events.push({ dataset: path.split('/').at(-2)!, file: basename(path), event });
      }
      after = page.next;
    } while (after !== undefined);
    for await (const { body } of everyDocument(store.documents, 'alert')) found.alerts.push(body);
    for await (const { id, body } of everyDocument(store.documents, 'incident'))
      found.incidents.set(id, body);
    return found;
  } finally {
    await store.close();
  }
}

describe('the demo', () => {
  let first: Ended;
  beforeAll(async () => {
    first = await demo('--json');
  });
  afterAll(() => rmSync(state, { recursive: true }));

  it('ends well without a terminal, with one line of JSON and everything else beside it', () => {
    expect([first.code, first.stdout.match(/\n/g)?.length]).toEqual([0, 1]);
    const { events, incidents } = resultOf(first);
    const lines = (name: string) =>
      readFileSync(name, 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '').length;
    const recorded = ['auth.jsonl', 'dsdb.jsonl', 'group.jsonl', 'password.jsonl', 'transaction.jsonl']
      .map((name) => lines(sample('samba-ad', name)))
      .reduce((sum, count) => sum + count, 0);
    expect(events.new).toBe(events.stored);
    expect(events.stored).toBeGreaterThan(recorded);
    expect(incidents.new).toBe(incidents.total);
    expect(Object.values(incidents.bySeverity).reduce((sum, count) => sum + count, 0)).toBe(incidents.total);
  });

  it('writes reports that are there and private', () => {
    const { reports } = resultOf(first);
    expect(reports.map((path) => path.split('.').at(-1))).toEqual(['pdf', 'json']);
    for (const path of reports)
      expect([statSync(path).size > 500, statSync(path).mode & 0o777]).toEqual([true, 0o600]);
  });

  it('puts everything hostile into an incident and nothing ordinary', async () => {
    const { events, alerts, incidents } = await held();
    const { events: all } = JSON.parse(readFileSync(sample('labels.json'), 'utf8')) as { events: Label[] };
    const read = new Set(events.map(({ dataset }) => dataset));
    expect([...read].sort()).toEqual(['linux', 'mariadb', 'nginx', 'postgresql', 'samba-ad']);
    // Nothing reads the other recordings yet.
    const labels = all.filter(({ dataset }) => read.has(dataset));
    const inIncidents = alerts.filter(({ incident }) => incident !== undefined && incidents.has(incident));
    const verdicts = judge(labels, events, inIncidents, [...new Set(events.map(({ file }) => file))]);
    const count = (expected: Label['expect']) =>
      verdicts.filter(({ label, verdict }) => label.expect === expected && verdict !== 'absent').length;
    expect([count('alert'), count('quiet')]).toEqual([18, 7]);
    const wrong = verdicts.filter(({ verdict }) => verdict === 'missed' || verdict === 'noisy');
    expect(wrong.map(({ label, verdict, because }) => ({ label: label.label, verdict, because }))).toEqual(
      [],
    );
  });

  it('gives every open alert of medium or higher to one incident', async () => {
    const { alerts, incidents } = await held();
    const homeless = alerts.filter(
      ({ state: open, incident, rule }) =>
        open === 'open' && !['informational', 'low'].includes(rule.level) && !incidents.has(incident ?? ''),
    );
    expect(homeless.map(({ rule }) => rule.title)).toEqual([]);
  });

  it('adds nothing when it runs again', async () => {
    const again = resultOf(await demo('--json'));
    expect(again).toMatchObject({ events: { new: 0 }, incidents: { new: 0 }, alerts: { new: 0 } });
    expect(again.events.stored).toBe(resultOf(first).events.stored);
  });

  it('recognises every record when its checkpoints are gone', async () => {
    const before = await held();
    const again = await demo('--json', '--forget');
    const { events } = resultOf(first);
    expect(resultOf(again)).toMatchObject({ events: { new: 0 }, incidents: { new: 0 }, alerts: { new: 0 } });
    expect(again.stderr).toContain(`0 new, ${events.stored} known already`);
    const after = await held();
    const ids = ({ alerts }: Held) => alerts.map(({ id, eventCount }) => `${id} ${eventCount}`).sort();
    expect(ids(after)).toEqual(ids(before));
  });

  it('plans a playbook, refuses the approval of who asked for it, and proves what was done on the rehearsal', () => {
    for (const part of [
      /Playbook contain-account for dave .*: the plan/,
      /change {3}~ account "dave" becomes disabled/,
      /refused {3}demo-analyst asked for run \S+ and cannot approve it/,
      /approved {2}by demo-approver/,
      /step 3 {2}proven {6}the rehearsal of directory\.ldif computes no privileged group/,
      /step 4 {2}not-proven .*NOT CONTAINED until/,
    ])
      expect(first.stderr).toMatch(part);
    expect(resultOf(first).run.state).toBe('not-proven');
    expect(readFileSync(join(state, 'directory.ldif'), 'utf8')).toMatch(/userAccountControl: 514/);
  });

  it('tells a person what happened, without --json, and rehearses nothing twice', async () => {
    const { code, stdout } = await demo();
    expect(code).toBe(0);
    for (const part of [
      'SEVERITY',
      'Playbook contain-account was rehearsed before',
      'Reports',
      'bin/vigia tui',
    ])
      expect(stdout).toContain(part);
  });
});
