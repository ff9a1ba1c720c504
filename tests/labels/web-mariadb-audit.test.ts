/** The recorded nginx, MariaDB and Linux audit scenarios, judged against their ground truth: what must alert does, the rest stays quiet. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linuxAudit } from '../../collectors/linux-audit.ts';
import { mariadbAudit } from '../../collectors/mariadb-audit.ts';
import { nginxAccess } from '../../collectors/nginx-access.ts';
import { buildEngine, loadRules, ownRulesFolder } from '../../detections/index.ts';
import { corpusPath, hasCorpus } from '../corpus.ts';
import { withNames } from './auditd-names.ts';
import { detect, readSamples, type SampleFile } from './detect.ts';
import { judge, readLabels, unexplained, type Verdict } from './judge.ts';

const nginx = (file: string): SampleFile[] => [{ dataset: 'nginx', file, collector: nginxAccess }];
const shown = (verdicts: readonly Verdict[]) =>
  verdicts.map(({ label, verdict, because }) => ({ label: label.label, verdict, because }));

interface Scenario {
  name: string;
  files: SampleFile[];
  events: number;
  hostile: number;
  quiet: number;
  /** Hostile labels of which these files hold no trace. */
  unseen: readonly RegExp[];
  /** Alerts that are right although no label tells of them. */
  right: readonly string[];
}
const plain = { hostile: 1, quiet: 0, unseen: [], right: [] };

const scenarios: Scenario[] = [
  { name: 'nginx by its JSON log', files: nginx('json.log'), events: 69, ...plain },
  { name: 'nginx by its combined log', files: nginx('access.log'), events: 69, ...plain },
  { name: 'nginx by the log with virtual hosts', files: nginx('vhost.log'), events: 69, ...plain },
  {
    name: 'MariaDB by server_audit',
    files: [{ dataset: 'mariadb', file: 'server_audit.log', collector: mariadbAudit }],
    events: 134,
    ...plain,
  },
  {
    name: 'Linux by auditd',
    files: [{ dataset: 'linux', file: 'audit.log', collector: linuxAudit }],
    events: 587,
    hostile: 4,
    quiet: 3,
    // The audit rules of the recording ask for people who logged in (auid >= 1000), which cron's root is not.
    unseen: [/cron entry runs/],
    // How the recording ended.
    right: ['Audit rule removed', 'Audit system switched off'],
  },
];

describe.skipIf(!hasCorpus('samples', 'nginx'))('the recorded scenario', () => {
  it.each(scenarios)('of $name: hostile work alerts, ordinary work does not', async (scenario) => {
    const labels = readLabels().filter((label) => label.dataset === scenario.files[0]!.dataset);
    const events = withNames(readSamples(scenario.files));
    expect(events).toHaveLength(scenario.events);
    const alerts = await detect(events);
    const verdicts = judge(
      labels,
      events,
      alerts,
      scenario.files.map((one) => one.file),
    );
    const isUnseen = ({ label }: Verdict) => scenario.unseen.some((pattern) => pattern.test(label.label));
    const hostile = verdicts.filter(({ label }) => label.expect === 'alert');
    expect(hostile.filter((one) => !isUnseen(one))).toHaveLength(scenario.hostile);
    expect(shown(hostile.filter((one) => one.verdict !== 'covered' && !isUnseen(one)))).toEqual([]);
    const quiet = verdicts.filter(({ label }) => label.expect === 'quiet');
    expect(quiet).toHaveLength(scenario.quiet);
    expect(shown(quiet.filter(({ verdict }) => verdict !== 'silent'))).toEqual([]);
    const titles = unexplained(labels, events, alerts).map((alert) => alert.rule.title);
    expect([...new Set(titles)].sort()).toEqual([...scenario.right]);
  });

  it('names no person, host or address of the samples in a rule', () => {
    const known =
      /10\.77\.0|fd77::|\b(alice|bob|mallory|deploy|svc-upd|soc|crm_app|crm|backd00r|ops|nosuch|ghost|web1|db2)\b/i;
    const ours = loadRules([ownRulesFolder()]).rules.filter((rule) =>
      /^(web|mariadb|linux)\//.test(rule.path),
    );
    expect(ours.filter((rule) => rule.path.startsWith('web/')).length).toBeGreaterThanOrEqual(8);
    expect(ours.filter((rule) => rule.path.startsWith('mariadb/')).length).toBeGreaterThanOrEqual(10);
    const naming = ours.filter((rule) => known.test(readFileSync(join(ownRulesFolder(), rule.path), 'utf8')));
    expect(naming.map((rule) => rule.path)).toEqual([]);
  });
});

const publicRules = (...names: string[]) => names.map((name) => corpusPath('sigma', 'rules', 'rules', name));
const rawAudit: SampleFile = { dataset: 'linux', file: 'audit.log', collector: linuxAudit };

describe.skipIf(!hasCorpus('samples', 'nginx') || !hasCorpus('sigma'))('public rules', () => {
  it.each([
    {
      folder: 'web',
      files: nginx('json.log'),
      title: 'Suspicious User-Agents Related To Recon Tools',
      hits: 19,
    },
    { folder: 'web', files: nginx('access.log'), title: 'Cross Site Scripting Strings', hits: 1 },
    { folder: 'linux/auditd', files: [rawAudit], title: 'File or Folder Permissions Change', hits: 1 },
    {
      folder: 'linux/auditd',
      files: [rawAudit],
      title: 'Suspicious History File Operations - Linux',
      hits: 1,
    },
    { folder: 'linux/process_creation', files: [rawAudit], title: 'History File Deletion', hits: 1 },
    {
      folder: 'linux/process_creation',
      files: [rawAudit],
      title: 'User Has Been Deleted Via Userdel',
      hits: 1,
    },
  ])('of $folder find with "$title" what they are for', ({ folder, files, title, hits }) => {
    const engine = buildEngine(loadRules(publicRules(folder)).rules);
    const found = readSamples(files).filter(({ event }) =>
      engine.match(event).some(({ rule }) => rule.title === title),
    );
    expect(found).toHaveLength(hits);
  });
});
