/** The recorded application logs, nginx error log, journal and login records, judged: hostile work alerts under titles a person accepts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dotnetApplication } from '../../collectors/dotnet-application.ts';
import { javaApplication } from '../../collectors/java-application.ts';
import { linuxBtmp } from '../../collectors/linux-btmp.ts';
import { linuxJournal } from '../../collectors/linux-journal.ts';
import { linuxWtmp } from '../../collectors/linux-wtmp.ts';
import { nginxError } from '../../collectors/nginx-error.ts';
import type { Event } from '../../core/event.ts';
import { buildEngine, loadRules, ownRulesFolder } from '../../detections/index.ts';
import { corpusPath, hasCorpus } from '../corpus.ts';
import { detect, readSamples, type SampleFile } from './detect.ts';
import { judge, readLabels, unexplained, type Verdict } from './judge.ts';

const app = (file: string, collector: SampleFile['collector']): SampleFile => ({
  dataset: 'app',
  file,
  collector,
});
const linux = (file: string, collector: SampleFile['collector']): SampleFile => ({
  dataset: 'linux',
  file,
  collector,
});
const shown = (verdicts: readonly Verdict[]) =>
  verdicts.map(({ label, verdict, because }) => ({ label: label.label, verdict, because }));

describe.skipIf(!hasCorpus('samples', 'app'))('the recorded application logs', () => {
  it.each([
    app('java-ecs-json.jsonl', javaApplication),
    app('java-spring-boot.log', javaApplication),
    app('java-log4j-pattern.log', javaApplication),
    app('dotnet-clef.jsonl', dotnetApplication),
  ])('of $file raise what was put into them, and nothing about requests and logins', async (file) => {
    const events = readSamples([file]);
    expect(events).toHaveLength(120);
    const alerts = await detect(events);
    const heard = alerts.filter(({ rule }) => rule.level !== 'informational' && rule.level !== 'low');
    const counts = Map.groupBy(heard, ({ rule }) => `${rule.level} ${rule.title}`);
    expect(Object.fromEntries([...counts].map(([title, of]) => [title, of.length]))).toEqual({
      'high Application role granted to oneself': 1,
      'high Java name lookup in an application log': 7,
      'high SQL broken by a text of a user in an application': 3,
      'medium Application passwords guessed from one address': 1,
      'medium Many records exported at once': 9,
      'medium Powerful application role granted': 8,
      'medium Records exported piece by piece': 4,
    });
    const guessed = heard.find(
      ({ rule }) => rule.title === 'Application passwords guessed from one address',
    )!;
    const told = guessed.entities.filter(({ type }) => type === 'address').map(({ name }) => name);
    expect(told).toEqual(['10.77.0.66']);
  });

  it('make the same alerts of the console layout, which has no time of its own', async () => {
    const alerts = await detect(readSamples([app('dotnet-console.log', dotnetApplication)]));
    const titles = new Set(alerts.map(({ rule }) => rule.title));
    expect(titles).toContain('Java name lookup in an application log');
    expect(titles).toContain('Application role granted to oneself');
  });
});

/** `unseen`: hostile labels of which these files hold no trace. */
const scenarios: { name: string; files: SampleFile[]; events: number; covered: number; unseen: RegExp }[] = [
  {
    name: 'nginx by its error log',
    files: [{ dataset: 'nginx', file: 'error.log', collector: nginxError }],
    events: 93,
    covered: 1,
    unseen: /^$/,
  },
  {
    name: 'Linux by its login records and journal',
    files: [linux('btmp', linuxBtmp), linux('wtmp', linuxWtmp), linux('journal.export', linuxJournal)],
    events: 34,
    covered: 1,
    // What was done after the login is in no login record; the journal was recorded later.
    unseen: /successful login of mallory|persistence as root|login of the new account|cron entry runs/,
  },
];

describe.skipIf(!hasCorpus('samples', 'nginx'))('the recorded scenario', () => {
  it.each(scenarios)('of $name: hostile work alerts, ordinary work does not', async (scenario) => {
    const labels = readLabels().filter((label) => label.dataset === scenario.files[0]!.dataset);
    const events = readSamples(scenario.files);
    expect(events).toHaveLength(scenario.events);
    const alerts = await detect(events);
    const files = scenario.files.map((one) => one.file);
    const verdicts = judge(labels, events, alerts, files);
    const hostile = verdicts.filter(
      ({ label }) => label.expect === 'alert' && !scenario.unseen.test(label.label),
    );
    expect(hostile).toHaveLength(scenario.covered);
    expect(shown(hostile.filter(({ verdict }) => verdict !== 'covered'))).toEqual([]);
    const quiet = verdicts.filter(({ label, verdict }) => label.expect === 'quiet' && verdict !== 'silent');
    expect(shown(quiet)).toEqual([]);
    expect(unexplained(labels, events, alerts).map((alert) => alert.rule.title)).toEqual([]);
  });
});

describe.skipIf(!hasCorpus('sigma'))('public rules on applications', () => {
  const engine = buildEngine(loadRules([corpusPath('sigma', 'rules', 'rules', 'application')]).rules);
  const titlesOf = (collector: SampleFile['collector'], text: string) => {
    const made = collector.normalise(new TextEncoder().encode(text), {
      source: 's',
      anchor: '2026-03-04T12:00:00Z',
      zoneMinutes: 0,
    });
    if ('reject' in made) throw new Error(made.reject);
    return engine.match(made.event as Event).map(({ rule }) => rule.title);
  };

  it('of the JVM, Spring and SQL look at Java, and those of SQL at .NET', () => {
    const java = (text: string) =>
      titlesOf(javaApplication, `2026-03-04 11:00:00,123 [main] ERROR pt.A - ${text}`);
    expect(java('x\njava.io.FileNotFoundException: /srv/../../../etc/passwd')).toEqual([
      'Potential Local File Read Vulnerability In JVM Based Application',
    ]);
    expect(java('x\norg.springframework.security.web.csrf.InvalidCsrfTokenException: no')).toEqual([
      'Spring Framework Exceptions',
    ]);
    const sql = ['Suspicious SQL Error Messages'];
    expect(java("quoted string not properly terminated near 'x'")).toEqual(sql);
    const clef = JSON.stringify({
      '@t': '2026-03-04T11:00:00Z',
      '@m': 'quoted string not properly terminated',
    });
    expect(titlesOf(dotnetApplication, clef)).toEqual(sql);
    expect(titlesOf(dotnetApplication, clef.replace('quoted', 'InvalidCsrfTokenException'))).toEqual([]);
  });
});

describe('our rules', () => {
  it('name no person, host or address of the samples, and are ten or more for each area', () => {
    const known = /10\.77\.0|fd77::|\b(alice|bob|carol|dave|erin|mallory|svc-upd|web1|db2|app1)\b/i;
    const { rules } = loadRules([ownRulesFolder()]);
    for (const area of ['application', 'kubernetes']) {
      const ours = rules.filter(({ path }) => path.startsWith(`${area}/`));
      expect(ours.filter(({ level }) => level !== 'informational').length).toBeGreaterThanOrEqual(14);
      const naming = ours.filter(({ path }) =>
        [path, path.replace(/\.yml$/, '.test.yml')].some((one) =>
          known.test(readFileSync(join(ownRulesFolder(), one), 'utf8')),
        ),
      );
      expect(naming.map(({ path }) => path)).toEqual([]);
    }
  });
});
