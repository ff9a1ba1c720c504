/** What a run of patching did, host by host, with the evidence that the hosts gave: for the owner of the systems and for an audit. */
import type { JournalEntry, Run } from '../../core/documents.ts';
import type { Excerpt } from './evidence.ts';
import type { Update } from './packages.ts';

export interface HostReport {
  readonly host: string;
  /** `updated`: all its steps are proven. */
  readonly result: 'updated' | 'untouched' | 'incomplete' | 'undone';
  readonly updates: readonly Update[];
  readonly steps: readonly { readonly name: string; readonly outcome: string; readonly detail: string }[];
  readonly left: readonly string[];
  readonly evidence: readonly Excerpt[] | string;
}

export interface WaveReport {
  readonly run: Pick<Run, 'number' | 'state' | 'requestedBy' | 'requested' | 'planHash' | 'approvals'> & {
    readonly flow: string;
  };
  readonly hosts: readonly HostReport[];
}

const APPLY = 'host.apply-updates';

export function waveReport(run: Run, journal: readonly JournalEntry[]): WaveReport {
  const { number, state, requestedBy, requested, planHash, approvals } = run;
  const byHost = Map.groupBy(
    run.steps.filter(({ action }) => action.startsWith('host.')),
    ({ input }) => String(input['system']),
  );
  return {
    run: { number, state, requestedBy, requested, planHash, approvals, flow: run.flow.title },
    hosts: [...byHost].map(([host, steps]) => {
      const apply = steps.find(({ action }) => action === APPLY);
      const own = journal.filter(({ step }) => apply !== undefined && step === apply.index);
      const before = own.find(({ entry }) => entry === 'step-started')?.data['before'];
      const receipt = own.find(({ entry }) => entry === 'receipt')?.data['receipt'];
      return {
        host,
        result: resultOf(steps),
        updates: (before as { updates?: readonly Update[] } | undefined)?.updates ?? [],
        steps: steps.map(({ name, outcome, detail = '' }) => ({
          name,
          outcome: outcome ?? 'not begun',
          detail,
        })),
        left: [...new Set(steps.flatMap(({ plan }) => plan.stays))],
        evidence:
          (receipt as { evidence?: HostReport['evidence'] } | undefined)?.evidence ??
          'none: nothing was installed, or the receipt was lost',
      };
    }),
  };
}

function resultOf(steps: Run['steps']): HostReport['result'] {
  const outcomes = steps.map(({ outcome }) => outcome);
  if (outcomes.includes('undone')) return 'undone';
  if (outcomes.every((outcome) => outcome === 'proven' || outcome === 'skipped')) return 'updated';
  const begun = outcomes.filter((outcome) => outcome !== undefined && outcome !== 'failed');
  return begun.length === 0 ? 'untouched' : 'incomplete';
}

/** As Markdown. What comes from hosts stands in code blocks, indented, so that it cannot become markup. */
export function waveReportText({ run, hosts }: WaveReport): string {
  const indented = (text: string) => text.split('\n').map((line) => `    ${line}`);
  return [
    `# ${run.number}: ${run.flow}`,
    '',
    `- State: ${run.state}`,
    `- Asked for by ${run.requestedBy} at ${run.requested}`,
    ...run.approvals.map(({ by, at }) => `- Approved by ${by} at ${at}`),
    `- Plan: ${run.planHash}`,
    `- Hosts: ${hosts.map(({ host, result }) => `${host} ${result}`).join(', ')}`,
    ...hosts.flatMap(({ host, result, updates, steps, left, evidence }) => [
      '',
      `## ${host}: ${result}`,
      '',
      ...indented(
        [
          ...updates.map(({ name, from, to }) => `${name}  ${from ?? '(new)'} -> ${to}`),
          ...steps.map(
            ({ name, outcome, detail }) => `${outcome.padEnd(10)} ${name}${detail ? `: ${detail}` : ''}`,
          ),
          ...left.map((each) => `stays      ${each}`),
        ].join('\n'),
      ),
      ...(typeof evidence === 'string'
        ? ['', `Evidence: ${evidence}`]
        : evidence.flatMap(({ file, sha256, text, left: cut }) => [
            '',
            `Evidence ${file}, SHA-256 ${sha256}${cut > 0 ? `, without its first ${cut} lines` : ''}:`,
            '',
            ...indented(text),
          ])),
    ]),
    '',
  ].join('\n');
}
