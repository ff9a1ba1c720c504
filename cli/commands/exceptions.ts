/** `vigia exceptions …`: alerts that two people agreed not to look at, for a time that ends. */
import type { Alert, Entity, Exception } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { type Command, command } from '../command.ts';
import { facts, table } from '../print.ts';

interface Listed extends Exception {
  standing: string;
  endsInDays?: number;
}

interface Shown {
  exception: Listed;
  suppressed: number;
  byRule: { rule: string; title: string; alerts: number }[];
  alerts: Alert[];
}

const scopeOf = ({ scope }: Exception): string =>
  [
    scope.rules.length > 0 ? scope.rules.map(({ title }) => title).join(', ') : 'every rule',
    ...(scope.where ? [`where ${scope.where}`] : []),
    ...(scope.entities.length > 0
      ? [`with ${scope.entities.map(({ type, name }) => `${type} ${name}`).join(' and ')}`]
      : []),
  ].join(', ');

const standingOf = ({ standing, endsInDays }: Listed): string =>
  endsInDays === undefined
    ? standing
    : `${standing}, ends in ${endsInDays} day${endsInDays === 1 ? '' : 's'}`;

const list = command({
  name: 'exceptions list',
  summary: 'exceptions with how much each has hidden, and which end soon',
  options: [{ flags: '--all', summary: 'those that are over or refused, too' }],
  async run(_args, options, context) {
    const answer = await (await context.api()).get<{ exceptions: (Listed & { suppressed: number })[] }>(
      '/api/v1/exceptions',
    );
    const current = ['proposed', 'scheduled', 'active'];
    const exceptions = answer.exceptions.filter(
      ({ standing }) => options['all'] || current.includes(standing),
    );
    const rows = exceptions.map((one) => [
      one.id,
      standingOf(one),
      one.until.slice(0, 16),
      one.suppressed,
      one.ticket,
      scopeOf(one),
    ]);
    return {
      data: { exceptions },
      text:
        exceptions.length === 0
          ? 'No exception is proposed or in force.'
          : table(['EXCEPTION', 'STATE', 'UNTIL (UTC)', 'SUPPRESSED', 'TICKET', 'SCOPE'], rows),
    };
  },
});

const show = command({
  name: 'exceptions show',
  summary: 'one exception with the alerts that it covers',
  arguments: '<exception>',
  async run([id], _options, context) {
    const shown = await (await context.api()).get<Shown>(`/api/v1/exceptions/${encodeURIComponent(id!)}`);
    const { exception, suppressed, byRule, alerts } = shown;
    const head = facts([
      ['exception', exception.id],
      ['state', standingOf(exception)],
      ['scope', scopeOf(exception)],
      ['why', exception.why],
      ['ticket', exception.ticket],
      ['in force', `${exception.from} to ${exception.until}`],
      ['proposed by', `${exception.proposedBy}, ${exception.proposed}`],
      ['decided by', exception.decidedBy ? `${exception.decidedBy}, ${exception.decided}` : undefined],
      ['suppressed', `${suppressed} alert${suppressed === 1 ? '' : 's'}`],
    ]);
    const counts = table(
      ['ALERTS', 'RULE'],
      byRule.map((one) => [one.alerts, one.title]),
    );
    const newest = table(
      ['LEVEL', 'FROM (UTC)', 'EVENTS', 'RULE', 'INVOLVED'],
      alerts.map((alert) => [
        alert.rule.level,
        alert.from.slice(0, 19),
        alert.eventCount,
        alert.rule.title,
        alert.entities.map(({ type, name }) => `${type} ${name}`).join(', '),
      ]),
    );
    const parts = suppressed === 0 ? [head] : [head, counts, `The newest ${alerts.length}:\n${newest}`];
    return { data: shown, text: parts.join('\n\n') };
  },
});

const propose = command({
  name: 'exceptions propose',
  summary: 'ask for an exception; it holds when a second person approves',
  options: [
    { flags: '--why <text>', summary: 'the reason, for whoever looks later', required: true },
    { flags: '--until <time>', summary: 'ISO time, or days from now: 14d', required: true },
    { flags: '--from <time>', summary: 'ISO time; now when left out' },
    { flags: '--rule <rule>', summary: 'id or title; repeat for more; every rule when left out', many: true },
    { flags: '--where <query>', summary: 'condition on the event, as in "events search"' },
    { flags: '--entity <type:name>', summary: 'user:svc-scan, host:srv-1 …; all of them', many: true },
    { flags: '--ticket <id>', summary: 'ticket or change in the ITSM' },
  ],
  example: `vigia exceptions propose --rule "Directory object deleted" --where 'user.name:svc-sync' --until 14d --why 'clean-up of old computers' --ticket CHG-1042`,
  async run(_args, options, context) {
    const one = (name: string) => (options[name] === undefined ? {} : { [name]: String(options[name]) });
    const body = {
      ...one('why'),
      ...one('from'),
      ...one('where'),
      ...one('ticket'),
      until: endOf(String(options['until']), Date.now()),
      rules: (options['rule'] as string[] | undefined) ?? [],
      entities: ((options['entity'] as string[] | undefined) ?? []).map(entityOf),
    };
    const made = await (await context.api()).post<Listed>('/api/v1/exceptions', body);
    return { data: made, text: `${made.id} is ${made.standing}; a second person approves it.` };
  },
});

function endOf(text: string, nowMs: number): string {
  const days = /^(\d+)d$/.exec(text)?.[1];
  return days === undefined ? text : new Date(nowMs + Number(days) * 86_400_000).toISOString();
}

function entityOf(text: string): Entity {
  const [, type, name] = /^([a-z]+):(.+)$/.exec(text) ?? [];
  if (type === undefined || name === undefined)
    throw errors.usage(`--entity ${text} is not understood`, 'write user:svc-scan');
  return { type: type as Entity['type'], name }; // the API refuses a type that it does not know
}

const approve = command({
  name: 'exceptions approve',
  summary: 'let an exception that somebody else proposed take effect',
  arguments: '<exception>',
  async run([id], _options, context) {
    const made = await (await context.api()).post<Listed>(
      `/api/v1/exceptions/${encodeURIComponent(id!)}/approve`,
    );
    return { data: made, text: `${made.id} is ${made.standing} until ${made.until}.` };
  },
});

const decide = (kind: 'refuse' | 'end', summary: string): Command =>
  command({
    name: `exceptions ${kind}`,
    summary,
    arguments: '<exception>',
    options: [{ flags: '--reason <text>', summary: 'why; kept in the history', required: true }],
    async run([id], options, context) {
      const made = await (await context.api()).post<Listed>(
        `/api/v1/exceptions/${encodeURIComponent(id!)}/${kind}`,
        { reason: options['reason'] },
      );
      return { data: made, text: `${made.id} is ${made.standing}.` };
    },
  });

export const exceptionCommands: readonly Command[] = [
  list,
  show,
  propose,
  approve,
  decide('refuse', 'say no to a proposed exception'),
  decide('end', 'end an exception before its time; its alerts come back'),
];
