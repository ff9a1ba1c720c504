/** `vigia patch …`: what hosts are behind by, waves as runs, how urgent each patch is, the report of a run. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { PatchHost, PatchTask, PlannedStep, Run } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { visible } from '../../core/visible.ts';
import { type Command, command } from '../command.ts';
import { planText } from '../plan-text.ts';
import { table } from '../print.ts';

interface LeftOut {
  readonly host: string;
  readonly why: string;
}

function hostRows(hosts: readonly PatchHost[]): string {
  const rows = hosts.map(({ host, seen, failure }) => [
    host,
    seen?.manager ?? '',
    seen === undefined ? 'never' : seen.at.slice(0, 16),
    seen?.listsAt?.slice(0, 16) ?? '',
    seen?.updates.length ?? '',
    seen?.stale.join(' ') ?? '',
    seen === undefined ? '' : seen.reboot.length > 0 ? 'yes' : 'no',
    failure === undefined ? '' : `no answer at ${failure.at.slice(0, 16)}: ${failure.message}`,
  ]);
  return hosts.length === 0
    ? 'No host was looked at yet; run "vigia patch scan".'
    : table(['HOST', 'BY', 'SEEN (UTC)', 'LISTS (UTC)', 'BEHIND', 'STALE', 'REBOOT', 'TROUBLE'], rows);
}

/** One host with every package that it is behind by. */
const hostText = ({ host, seen }: PatchHost): string =>
  [
    `${visible(host)}: ${seen?.installed.length ?? 0} packages installed`,
    table(
      ['PACKAGE', 'INSTALLED', 'OFFERED', 'FROM'],
      (seen?.updates ?? []).map(({ name, from = 'new', to, origin }) => [name, from, to, origin]),
    ),
    ...(seen?.held.length ? [`held back by the host: ${visible(seen.held.join(', '))}`] : []),
    ...(seen?.stale ?? []).map((service) => `runs from replaced files: ${visible(service)}`),
    ...[...(seen?.left ?? []), ...(seen?.reboot ?? [])].map(visible),
  ].join('\n');

const leftText = (left: readonly LeftOut[]): string[] =>
  left.map(({ host, why }) => `left out: ${visible(host)}: ${visible(why)}`);

const status = command({
  name: 'patch status',
  summary: 'what hosts are behind by, as last looked at; with a host, every package',
  arguments: '[host]',
  async run([host], _options, context) {
    const { hosts } = await (await context.api()).get<{ hosts: PatchHost[] }>('/api/v1/patches/hosts');
    if (host === undefined) return { data: { hosts }, text: hostRows(hosts) };
    const found = hosts.find((one) => one.host === host);
    if (found === undefined) throw errors.notFound('host that was looked at', host);
    return { data: found, text: hostText(found) };
  },
});

const scan = command({
  name: 'patch scan',
  summary: 'look at hosts now, over SSH; changes nothing there',
  arguments: '[host...]',
  async run(given, _options, context) {
    const { hosts } = await (await context.api()).post<{ hosts: PatchHost[] }>('/api/v1/patches/scan', {
      ...(given.length > 0 ? { hosts: given } : {}),
    });
    const failed = hosts.some(({ failure }) => failure !== undefined);
    return { data: { hosts }, text: hostRows(hosts), ...(failed ? { exitCode: 3 } : {}) };
  },
});

const plan = command({
  name: 'patch plan',
  summary: 'what a wave of policies/patching.yml would do now; changes nothing',
  arguments: '<wave>',
  async run([wave], _options, context) {
    const planned = await (await context.api()).post<{
      steps: PlannedStep[];
      planHash: string;
      leftOut: LeftOut[];
    }>(`/api/v1/patches/waves/${encodeURIComponent(wave!)}/plan`);
    const lines = [planText(planned.steps), ...leftText(planned.leftOut), `plan hash ${planned.planHash}`];
    return { data: planned, text: lines.join('\n') };
  },
});

const start = command({
  name: 'patch start',
  summary: 'ask for a run of a wave; it waits for somebody else to approve, and for its window',
  arguments: '<wave>',
  async run([wave], _options, context) {
    const asked = await (await context.api()).post<{ run: Run; leftOut: LeftOut[] }>(
      `/api/v1/patches/waves/${encodeURIComponent(wave!)}/start`,
    );
    const { run, leftOut } = asked;
    const next = `${run.number} is ${run.state}; another person reads it with "vigia runs show ${run.number}" and approves or refuses.`;
    return { data: asked, text: [planText(run.steps), ...leftText(leftOut), next].join('\n') };
  },
});

const tasks = command({
  name: 'patch tasks',
  summary: 'what is to be patched, the most urgent first, and why',
  options: [{ flags: '--state <state>', summary: 'open, exempt or done', default: 'open' }],
  async run(_args, options, context) {
    const query = new URLSearchParams({ state: String(options['state']) });
    const found = await (await context.api()).get<{ tasks: PatchTask[] }>(`/api/v1/patches/tasks?${query}`);
    const rows = found.tasks.map(({ priority, host, package: name, from, to, opened, why }) => [
      priority,
      host,
      name,
      from,
      to,
      opened.slice(0, 10),
      why.join('; '),
    ]);
    const head = ['PRIORITY', 'HOST', 'PACKAGE', 'INSTALLED', 'OFFERED', 'SINCE', 'WHY'];
    return { data: found, text: rows.length === 0 ? 'No tasks.' : table(head, rows) };
  },
});

const report = command({
  name: 'patch report',
  summary: 'the report of a run of patching, host by host, with the evidence of the hosts',
  arguments: '<run>',
  options: [{ flags: '--out <file>', summary: 'a Markdown file; stdout when left out' }],
  async run([run], { out }, context) {
    const made = await (await context.api()).get<{ report: object; text: string }>(
      `/api/v1/patches/runs/${encodeURIComponent(run!)}`,
    );
    const text = visibleLines(made.text);
    if (out === undefined) return { data: made.report, text };
    try {
      writeFileSync(String(out), text, { flag: 'wx' });
    } catch (cause) {
      throw errors.usage(`${String(out)} cannot be written: ${(cause as Error).message}`, 'name a new file');
    }
    return { data: made.report, text: `written to ${visible(String(out))}` };
  },
});

const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');

/** A file that the server takes in. */
const taken = (name: string, summary: string, path: string, say: (answer: object) => string): Command =>
  command({
    name,
    summary,
    arguments: '<file>',
    async run([file], _options, context) {
      const body = { name: basename(file!), content: readText(file!) };
      const answer = await (await context.api()).post<object>(path, body);
      return { data: answer, text: say(answer) };
    },
  });

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw errors.usage(`${file} cannot be read: ${(cause as Error).message}`);
  }
}

export const patchCommands: readonly Command[] = [
  status,
  scan,
  plan,
  start,
  tasks,
  report,
  taken(
    'patch import',
    'the update report of a Windows host, made there as docs/patching.md says',
    '/api/v1/patches/reports',
    (answer) => hostRows([(answer as { host: PatchHost }).host]),
  ),
  taken(
    'patch advisories',
    'vulnerabilities as others publish them: OSV records, or the list of exploited ones (KEV)',
    '/api/v1/patches/advisories',
    (answer) => {
      const { read, skipped } = answer as { read: number; skipped: number };
      return `${read} vulnerabilities taken in; ${skipped} records skipped: no CVE number, or no version that mends`;
    },
  ),
];
