/** `vigia runs …`: approve, refuse and follow executions of playbooks. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { JournalEntry, Run } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import type { Api } from '../api.ts';
import { type Command, command, type Option, wholeNumber } from '../command.ts';
import { everyOne } from '../every-page.ts';
import { planText } from '../plan-text.ts';
import { facts, table } from '../print.ts';

const list = command({
  name: 'runs list',
  summary: 'runs, newest first',
  options: [{ flags: '--state <state>', summary: 'waiting, running, done, not-proven, failed, …' }],
  async run(_args, options, context) {
    const query = new URLSearchParams(options['state'] ? { state: String(options['state']) } : {});
    const runs = await everyOne<Run>(await context.api(), '/api/v1/runs', 'runs', query);
    const rows = runs.map((run) => [
      run.number,
      run.state,
      run.flow.id,
      run.requestedBy,
      run.requested.slice(0, 19),
      `${run.approvals.length} of ${run.approvalsNeeded}`,
      run.flow.title,
    ]);
    return {
      data: { runs },
      text:
        runs.length === 0
          ? 'No runs.'
          : table(['RUN', 'STATE', 'FLOW', 'ASKED BY', 'ASKED (UTC)', 'APPROVALS', 'TITLE'], rows),
    };
  },
});

function describe(run: Run, journal: readonly JournalEntry[] = []): string {
  const head = facts([
    ['run', `${run.number}  ${run.flow.title}`],
    ['state', run.state],
    ['asked by', `${run.requestedBy} at ${run.requested}`],
    ['approvals', `${run.approvals.length} of ${run.approvalsNeeded}, until ${run.expires}`],
    ['plan hash', run.planHash],
    ...(run.breakGlass ? [['break-glass', breakGlassText(run.breakGlass)] as const] : []),
    ...(run.escalated
      ? [['escalated', `${run.escalated.at}, to ${run.escalated.tell.join(', ')}`] as const]
      : []),
    ...(run.held
      ? [['held', `${run.held.detail}${run.held.until ? `, until ${run.held.until}` : ''}`] as const]
      : []),
  ]);
  const steps = table(
    ['STEP', 'OUTCOME', 'NAME', 'DETAIL'],
    run.steps.map((step) => [step.index + 1, step.outcome ?? 'planned', step.name, step.detail]),
  );
  const story =
    journal.length === 0
      ? []
      : [
          table(
            ['TIME (UTC)', 'ENTRY', 'STEP', 'BY'],
            journal.map((entry) => [
              entry.at.slice(0, 23),
              entry.entry,
              entry.step === undefined ? '' : entry.step + 1,
              entry.by,
            ]),
          ),
        ];
  return [head, steps, ...(run.state === 'waiting' ? [planText(run.steps)] : []), ...story].join('\n\n');
}

const breakGlassText = ({ by, at, reason, review, reviewDue }: NonNullable<Run['breakGlass']>): string =>
  `${by} at ${at}: ${reason}; ${review ? `reviewed by ${review.by} (${review.run})` : `OPEN, review due by ${reviewDue}`}`;

const show = command({
  name: 'runs show',
  summary: 'one run: plan, steps, proof, journal',
  arguments: '<run>',
  async run([id], _options, context) {
    const shown = await (await context.api()).get<{ run: Run; journal: JournalEntry[] }>(
      `/api/v1/runs/${encodeURIComponent(id!)}`,
    );
    return { data: shown, text: describe(shown.run, shown.journal) };
  },
});

const approve = command({
  name: 'runs approve',
  summary: 'approve exactly the plan that "runs show" shows',
  arguments: '<run>',
  options: [
    {
      flags: '--plan <hash>',
      summary: 'hash of the plan you read (at least its first 8 characters)',
      required: true,
    },
  ],
  async run([id], options, context) {
    const api = await context.api();
    const { path, planHash } = await seenPlan(api, id!, String(options['plan']));
    const approved = await api.post<{ run: Run }>(`${path}/approve`, { planHash });
    return { data: approved, text: describe(approved.run) };
  },
});

/** The whole hash, when the part that the person typed is its beginning. */
async function seenPlan(api: Api, id: string, given: string): Promise<{ path: string; planHash: string }> {
  const path = `/api/v1/runs/${encodeURIComponent(id)}`;
  const { run } = await api.get<{ run: Run }>(path);
  if (given.length < 8 || !run.planHash.startsWith(given))
    throw errors.usage(
      `the plan of ${run.number} has another hash: ${run.planHash}`,
      `read it with "vigia runs show ${run.number}"`,
    );
  return { path, planHash: run.planHash };
}

const breakGlass = command({
  name: 'runs break-glass',
  summary: 'have a plan executed without the approvals it lacks: critical alert, review owed',
  arguments: '<run>',
  options: [
    {
      flags: '--plan <hash>',
      summary: 'hash of the plan you read (at least its first 8 characters)',
      required: true,
    },
    { flags: '--reason <text>', summary: 'why nobody can approve and it cannot wait', required: true },
  ],
  async run([id], options, context) {
    const api = await context.api();
    const { path, planHash } = await seenPlan(api, id!, String(options['plan']));
    const broken = await api.post<{ run: Run }>(`${path}/break-glass`, {
      planHash,
      reason: options['reason'],
    });
    return { data: broken, text: describe(broken.run) };
  },
});

/** A decision on a run, with its reason. */
const decide = (
  name: 'refuse' | 'abandon' | 'undo' | 'skip',
  summary: string,
  more: readonly Option[] = [],
): Command =>
  command({
    name: `runs ${name}`,
    summary,
    arguments: '<run>',
    options: [{ flags: '--reason <text>', summary: 'why; kept in the journal', required: true }, ...more],
    async run([id], options, context) {
      const step = options['step'] === undefined ? {} : { step: wholeNumber(options, 'step', 1) - 1 };
      const decided = await (await context.api()).post<{ run: Run }>(
        `/api/v1/runs/${encodeURIComponent(id!)}/${name}`,
        { reason: options['reason'], ...step },
      );
      return { data: decided, text: describe(decided.run) };
    },
  });

const answer = command({
  name: 'runs answer',
  summary: 'answer what a step asks a person; only with evidence does it count as proven',
  arguments: '<run>',
  options: [
    { flags: '--step <number>', summary: 'as "runs show" counts them', required: true },
    { flags: '--text <text>', summary: 'what was done or found; kept in the journal', required: true },
    { flags: '--evidence <file>', summary: 'a file that shows it, at most 1 MiB; kept with its SHA-256' },
    { flags: '--not-done', summary: 'it could not be done' },
  ],
  example: 'vigia runs answer RUN-2026-000017 --step 2 --text "VM isolated" --evidence vcenter-task.png',
  async run([id], options, context) {
    const file = options['evidence'] === undefined ? undefined : String(options['evidence']);
    const answered = await (await context.api()).post<{ run: Run }>(
      `/api/v1/runs/${encodeURIComponent(id!)}/answer`,
      {
        step: wholeNumber(options, 'step', 1) - 1,
        done: options['notDone'] !== true,
        text: options['text'],
        ...(file === undefined ? {} : { evidence: { name: basename(file), content: readBase64(file) } }),
      },
    );
    return { data: answered, text: describe(answered.run) };
  },
});

function readBase64(file: string): string {
  try {
    return readFileSync(file).toString('base64');
  } catch (cause) {
    throw errors.usage(`the evidence ${file} cannot be read: ${(cause as Error).message}`);
  }
}

const resume = command({
  name: 'runs resume',
  summary: 'go on with an interrupted run; started steps are verified, never repeated',
  arguments: '<run>',
  async run([id], _options, context) {
    const resumed = await (await context.api()).post<{ run: Run }>(
      `/api/v1/runs/${encodeURIComponent(id!)}/resume`,
    );
    return { data: resumed, text: describe(resumed.run) };
  },
});

export const runCommands: readonly Command[] = [
  list,
  show,
  approve,
  breakGlass,
  decide('refuse', 'refuse to approve'),
  answer,
  resume,
  decide('skip', 'leave out a step that failed and go on', [
    { flags: '--step <number>', summary: 'as "runs show" counts them', required: true },
  ]),
  decide('abandon', 'give the run up'),
  decide('undo', 'restore what the run changed, in reverse order'),
];
