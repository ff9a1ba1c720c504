/** `vigia incidents …`: triage without a screen. */
import type { Alert, Incident, Run } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { visible } from '../../core/visible.ts';
import { type Command, type Context, command, type Result } from '../command.ts';
import { everyOne } from '../every-page.ts';
import { facts, table } from '../print.ts';

interface Shown {
  incident: Incident;
  version: string;
  alerts: Alert[];
  clocks: { id: string; title: { en: string }; state: string; dueAt?: string }[];
  runs: Run[];
  suppressed: { exception: string; rule: string; alerts: number }[];
  timeline: {
    entries: { at: string; kind: string; text: string; by: string }[];
    events: { total: number; shown: number };
  };
}

const line = (one: Incident) => [
  one.severity,
  one.number,
  one.state,
  one.owner ?? '-',
  one.alertCount,
  one.eventCount,
  one.from.slice(0, 19),
  one.title,
];

const list = command({
  name: 'incidents list',
  summary: 'incidents, worst first',
  options: [
    {
      flags: '--state <state>',
      summary: 'open, new, acknowledged, contained, waiting, closed or all',
      default: 'open',
    },
    { flags: '--severity <level>', summary: 'this level and above' },
    { flags: '--owner <user>', summary: 'whose' },
  ],
  example: 'vigia incidents list --severity high --json',
  async run(_args, options, context) {
    const query = new URLSearchParams({ size: '1000' });
    for (const name of ['state', 'severity', 'owner'])
      if (options[name]) query.set(name, String(options[name]));
    const api = await context.api();
    const incidents = await everyOne<Incident>(api, '/api/v1/incidents', 'incidents', query);
    const text =
      incidents.length === 0
        ? `No incident is ${String(options['state'])}.`
        : table(
            ['SEVERITY', 'INCIDENT', 'STATE', 'OWNER', 'ALERTS', 'EVENTS', 'SINCE (UTC)', 'TITLE'],
            incidents.map(line),
          );
    return { data: { incidents, total: incidents.length }, text };
  },
});

const show = command({
  name: 'incidents show',
  summary: 'one incident with its alerts and timeline',
  arguments: '<incident>',
  async run([id], _options, context) {
    const shown = await (await context.api()).get<Shown>(`/api/v1/incidents/${encodeURIComponent(id!)}`);
    const { incident, alerts, timeline, clocks, runs, suppressed } = shown;
    const head = facts([
      ['incident', `${incident.number}  ${incident.title}`],
      ['severity', incident.severity],
      ['state', incident.verdict ? `${incident.state} (${incident.verdict})` : incident.state],
      ['owner', incident.owner],
      [
        'events',
        `${incident.eventCount} in ${incident.alertCount} alerts, ${incident.from} to ${incident.to}`,
      ],
      ['involved', incident.entities.map((entity) => `${entity.type} ${entity.name}`).join(', ')],
      ['ATT&CK', incident.tags.filter((tag) => /^attack\.t\d/.test(tag)).join(' ')],
    ]);
    const alertTable = table(
      ['LEVEL', 'STATE', 'FROM (UTC)', 'EVENTS', 'RULE', 'AUTHOR', 'FILE AND ID OF THE RULE'],
      alerts.map(({ rule, state, from, eventCount }) => [
        rule.level,
        state,
        from.slice(0, 19),
        eventCount,
        rule.title,
        rule.author,
        [rule.path, rule.id].filter((part) => part !== undefined).join(' '),
      ]),
    );
    const story = table(
      ['TIME (UTC)', 'WHAT', 'BY', 'TEXT'],
      timeline.entries.map((entry) => [entry.at.slice(0, 19), entry.kind, entry.by, entry.text]),
    );
    const legal = table(
      ['CLOCK', 'STATE', 'DUE (UTC)', 'WHAT'],
      clocks.map((clock) => [clock.id, clock.state, clock.dueAt?.slice(0, 19), clock.title.en]),
    );
    const responses = runs.map((run) => [run.number, run.state, run.flow.title]);
    const parts = [
      head,
      alertTable,
      legal,
      ...(suppressed.length > 0
        ? [
            table(
              ['SUPPRESSED', 'BY', 'RULE'],
              suppressed.map((one) => [one.alerts, one.exception, one.rule]),
            ),
          ]
        : []),
      ...(alerts.some(({ detail }) => detail)
        ? [alerts.flatMap(({ detail }) => (detail ? [visible(detail)] : [])).join('\n')]
        : []),
      ...(runs.length > 0 ? [table(['RUN', 'STATE', 'TITLE'], responses)] : []),
      story,
    ];
    return { data: shown, text: parts.join('\n\n') };
  },
});

interface ChangeOption {
  flag: string;
  summary: string;
  field: string;
  optional?: boolean;
  /** The value as the API takes it, where that is no text. */
  read?(given: string): unknown;
}

/** A change: POST with the options as body, answered with the incident as it now is. */
function change(name: string, path: string, summary: string, options: readonly ChangeOption[]): Command {
  return command({
    name: `incidents ${name}`,
    summary,
    arguments: '<incident>',
    options: options.map(({ flag, summary: text, optional }) => ({
      flags: flag,
      summary: text,
      required: optional !== true,
    })),
    async run([id], given, context: Context): Promise<Result> {
      const body = Object.fromEntries(
        options.flatMap(({ flag, field, read }) => {
          const value = given[/--([a-z]+)/.exec(flag)![1]!];
          return value === undefined ? [] : [[field, read ? read(String(value)) : value]];
        }),
      );
      const changed = await (await context.api()).post<{ incident: Incident }>(
        `/api/v1/incidents/${encodeURIComponent(id!)}/${path}`,
        body,
      );
      return {
        data: changed,
        text: `${changed.incident.number} is ${changed.incident.state}${changed.incident.owner ? `, owner ${changed.incident.owner}` : ''}.`,
      };
    },
  });
}

const reason = { flag: '--reason <text>', summary: 'why; kept in the history', field: 'reason' };
const anyReason = { ...reason, optional: true };
const when = { flag: '--at <time>', summary: 'when it happened, ISO time', field: 'at' };

function yesOrNo(given: string): boolean {
  if (given === 'yes' || given === 'no') return given === 'yes';
  throw errors.usage(`${given} is neither yes nor no`);
}

export const incidentCommands: readonly Command[] = [
  list,
  show,
  change('ack', 'acknowledge', 'say that you have seen it', []),
  change('assign', 'assign', 'give it to a person', [
    { flag: '--to <user>', summary: 'who works on it', field: 'to' },
  ]),
  change('note', 'note', 'add a note', [{ flag: '--text <text>', summary: 'the note', field: 'text' }]),
  change('severity', 'severity', 'change the severity', [
    { flag: '--level <level>', summary: 'informational to critical', field: 'severity' },
    reason,
  ]),
  change('wait', 'wait', 'wait for somebody else, and wake at a time', [
    { flag: '--until <time>', summary: 'ISO time', field: 'until' },
    anyReason,
  ]),
  change('wake', 'wake', 'stop waiting', []),
  change('contain', 'contain', 'say that the damage cannot grow any more', [anyReason]),
  change('close', 'close', 'close with a verdict', [
    {
      flag: '--verdict <verdict>',
      summary: 'true-positive, benign, false-positive, duplicate or exercise',
      field: 'verdict',
    },
    reason,
  ]),
  change('reopen', 'reopen', 'open it again', [reason]),
  change('merge', 'merge', 'make it part of another; can be undone with split', [
    { flag: '--into <incident>', summary: 'the incident that stays', field: 'into' },
    reason,
  ]),
  change('split', 'split', 'take it out of the incident it was merged into', [reason]),
  change(
    'significance',
    'significance',
    'decide whether it is significant in law; starts or stops the clocks',
    [{ flag: '--decided <yes-or-no>', summary: 'yes or no', field: 'decided', read: yesOrNo }, reason],
  ),
  change('notified', 'notified', 'record that a step of the law was done', [
    { flag: '--step <step>', summary: 'as "incidents show" names the clocks', field: 'step' },
    when,
    anyReason,
  ]),
  change('impact-ended', 'impact-ended', 'record when the impact ended', [when, anyReason]),
  change('breach-known', 'breach-known', 'record when a personal-data breach became known', [
    when,
    anyReason,
  ]),
];
