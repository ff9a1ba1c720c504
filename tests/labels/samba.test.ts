/** The recorded Samba AD scenario, judged against its ground truth: what must alert does, what must stay quiet does. */
import { beforeAll, describe, expect, it } from 'vitest';
import { sambaAudit } from '../../collectors/samba-audit.ts';
import { sambaKdc } from '../../collectors/samba-kdc.ts';
import type { Alert } from '../../core/documents.ts';
import { hasCorpus } from '../corpus.ts';
import { detect, readSamples, type SampleFile } from './detect.ts';
import { judge, readLabels, type SampleEvent, unexplained, type Verdict } from './judge.ts';

const dataset = 'samba-ad';
const files: SampleFile[] = [
  ...['auth', 'dsdb', 'group', 'password', 'transaction'].map((name) => ({
    dataset,
    file: `${name}.jsonl`,
    collector: sambaAudit,
  })),
  { dataset, file: 'kdc-text.log', collector: sambaKdc },
];
const mixed: SampleFile = { dataset, file: 'mixed-single-file.log', collector: sambaAudit };

const shown = (verdicts: readonly Verdict[]) =>
  verdicts.map(({ label, verdict, because }) => ({ label: label.label, verdict, because }));

describe.skipIf(!hasCorpus('samples', dataset))('the recorded Samba AD scenario', () => {
  const labels = hasCorpus('samples', dataset)
    ? readLabels().filter((label) => label.dataset === dataset)
    : [];
  let events: SampleEvent[] = [];
  let alerts: Alert[] = [];
  let verdicts: Verdict[] = [];

  beforeAll(async () => {
    events = readSamples(files);
    alerts = await detect(events);
    verdicts = judge(
      labels,
      events,
      alerts,
      files.map((one) => one.file),
    );
  });

  it('turns every record of the files into an event', () => {
    expect(events).toHaveLength(205 + 189 + 36 + 18 + 3 + 185);
  });

  it('alerts on everything hostile', () => {
    const hostile = verdicts.filter(({ label }) => label.expect === 'alert');
    expect(hostile).toHaveLength(6);
    expect(shown(hostile.filter(({ verdict }) => verdict !== 'covered'))).toEqual([]);
  });

  it('stays quiet about ordinary work', () => {
    const ordinary = verdicts.filter(({ label }) => label.expect === 'quiet');
    expect(ordinary).toHaveLength(3);
    expect(shown(ordinary.filter(({ verdict }) => verdict !== 'silent'))).toEqual([]);
  });

  it('raises no alert of medium or higher that no label explains', () => {
    expect(unexplained(labels, events, alerts).map((alert) => alert.rule.title)).toEqual([]);
  });

  it('finds the privileged group change in one log file that holds all classes', async () => {
    const titles = (await detect(readSamples([mixed]))).map((alert) => alert.rule.title);
    expect(titles.filter((title) => title === 'Member added to privileged group')).toHaveLength(1);
  });

  it('names no person, host or address of the samples in a rule', async () => {
    const { loadRules, ownRulesFolder } = await import('../../detections/index.ts');
    const { readFileSync } = await import('node:fs');
    const { join } = await import('node:path');
    const known =
      /10\.77\.0|fd77::|\b(alice|bob|carol|dave|erin|frank|grace|sysupd8|svc_backup|KALI01)\b|example\.test/i;
    const ours = loadRules([ownRulesFolder()]).rules.filter((rule) =>
      /^(directory|windows)\//.test(rule.path),
    );
    expect(ours.length).toBeGreaterThan(26);
    expect(
      ours
        .filter((rule) => known.test(readFileSync(join(ownRulesFolder(), rule.path), 'utf8')))
        .map((rule) => rule.path),
    ).toEqual([]);
  });
});
