/** The recorded PostgreSQL and Linux scenarios, judged against their ground truth: what must alert does, the rest stays quiet. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linuxSyslog } from '../../collectors/linux-syslog.ts';
import { postgresql } from '../../collectors/postgresql.ts';
import { loadRules, ownRulesFolder } from '../../detections/index.ts';
import { hasCorpus } from '../corpus.ts';
import { detect, readSamples, type SampleFile } from './detect.ts';
import { judge, readLabels, unexplained, type Verdict } from './judge.ts';

const database: SampleFile[] = [
  { dataset: 'postgresql', file: 'postgresql.json.jsonl', collector: postgresql },
];
const linux = (...files: string[]): SampleFile[] =>
  files.map((file) => ({ dataset: 'linux', file, collector: linuxSyslog }));

const shown = (verdicts: readonly Verdict[]) =>
  verdicts.map(({ label, verdict, because }) => ({ label: label.label, verdict, because }));

/** The same host in the forms it may be collected in: two local files, or one stream. */
const scenarios: { name: string; files: SampleFile[]; records: number; hostile: number; quiet: number }[] = [
  { name: 'PostgreSQL', files: database, records: 244, hostile: 5, quiet: 1 },
  {
    name: 'Linux by auth.log without year and syslog',
    files: linux('auth.log', 'syslog'),
    records: 385,
    hostile: 5,
    quiet: 3,
  },
  {
    name: 'Linux by auth.log with ISO time and syslog',
    files: linux('auth-iso.log', 'syslog'),
    records: 385,
    hostile: 5,
    quiet: 3,
  },
  { name: 'Linux by RFC 5424', files: linux('all-rfc5424.log'), records: 385, hostile: 5, quiet: 3 },
  { name: 'Linux by RFC 3164', files: linux('syslog-udp-rfc3164.raw'), records: 385, hostile: 5, quiet: 3 },
];

describe.skipIf(!hasCorpus('samples', 'postgresql'))('the recorded scenario', () => {
  it.each(scenarios)('of $name: hostile work alerts, ordinary work does not', async (scenario) => {
    const labels = readLabels().filter((label) => label.dataset === scenario.files[0]!.dataset);
    const events = readSamples(scenario.files);
    expect(events).toHaveLength(scenario.records);
    const alerts = await detect(events);
    const verdicts = judge(
      labels,
      events,
      alerts,
      scenario.files.map((one) => one.file),
    );
    const hostile = verdicts.filter(({ label }) => label.expect === 'alert');
    expect(hostile).toHaveLength(scenario.hostile);
    expect(shown(hostile.filter(({ verdict }) => verdict !== 'covered'))).toEqual([]);
    const quiet = verdicts.filter(({ label }) => label.expect === 'quiet');
    expect(quiet).toHaveLength(scenario.quiet);
    expect(shown(quiet.filter(({ verdict }) => verdict !== 'silent'))).toEqual([]);
    expect(unexplained(labels, events, alerts).map((alert) => alert.rule.title)).toEqual([]);
  });

  it('names no person, host or address of the samples in a rule', () => {
    const known =
      /10\.77\.0|fd77::|\b(alice|bob|mallory|deploy|svc-upd|soc|shop_app|dba_olga|dev_pete|svc_sync|customers|orders|web1)\b/i;
    const ours = loadRules([ownRulesFolder()]).rules.filter((rule) =>
      /^(postgresql|linux)\//.test(rule.path),
    );
    expect(ours.length).toBeGreaterThan(18);
    const naming = ours.filter((rule) => known.test(readFileSync(join(ownRulesFolder(), rule.path), 'utf8')));
    expect(naming.map((rule) => rule.path)).toEqual([]);
  });
});
