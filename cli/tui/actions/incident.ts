/** What a person does to an incident, or to the marked ones: acknowledge, assign, note, severity, close. */
import { type Incident, LEVELS } from '../../../core/documents.ts';
import { errors, VigiaError } from '../../../core/errors.ts';
import type { MessageKey } from '../../../core/i18n/catalogue.ts';
import type { Shown } from '../../../core/visible.ts';
import { VERDICTS } from '../../../incidents/changes.ts';
import { ask, type Console, reasonOf } from '../store/console.ts';
import { refreshIncident, refreshQueue } from '../store/refresh.ts';
import type { IncidentRow } from '../store/state.ts';
import { openForm } from './form.ts';

interface Changed {
  incident: Incident;
  version: string;
}

/** The id and the version that stood on the screen when the key was pressed. */
export function targets(c: Console): IncidentRow[] {
  const { screen, queue, incident } = c.state;
  if (screen === 'incident')
    return incident.value ? [{ ...incident.value.incident, version: incident.value.version }] : [];
  const chosen =
    queue.marks.size > 0 ? [...queue.marks] : queue.selected === undefined ? [] : [queue.selected];
  return chosen.map((id) => queue.records.get(id)).filter((row) => row !== undefined);
}

const path = (row: IncidentRow, kind = '') =>
  `/api/v1/incidents/${encodeURIComponent(row.id)}${kind === '' ? '' : `/${kind}`}`;

/** A note adds and overwrites nothing, so it needs no version. */
const post = (c: Console, row: IncidentRow, kind: string, body: object): Promise<Changed> =>
  c.api.post<Changed>(path(row, kind), kind === 'note' ? body : { ...body, version: row.version });

/** Says what somebody else did meanwhile, and lets the next attempt build on it. */
async function explain(c: Console, rows: IncidentRow[], at: number, cause: unknown): Promise<Shown> {
  if (!(cause instanceof VigiaError && cause.code === 'conflict')) return reasonOf(cause);
  const { incident, version } = await ask(c, () => c.api.get<Changed>(path(rows[at]!)));
  rows[at] = { ...incident, version };
  const last = incident.history.at(-1);
  return last
    ? c.say('conflict', {
        by: last.by,
        field: last.field,
        from: String(last.from ?? '-'),
        to: String(last.to ?? '-'),
      })
    : reasonOf(cause);
}

/** Per incident its own result: a partial failure is a result; a single one keeps the form with what was written. */
async function each(
  c: Console,
  rows: IncidentRow[],
  kind: string,
  body: object,
  done: MessageKey,
  values: Readonly<Record<string, string>> = {},
): Promise<void> {
  let count = 0;
  for (const [at, row] of rows.entries()) {
    try {
      await post(c, row, kind, body);
      count += 1;
      if (rows.length <= BULK) c.tell('done', c.say(done, { id: row.number, ...values }));
    } catch (cause) {
      const why = await explain(c, rows, at, cause);
      if (rows.length === 1) throw errors.refused(why);
      c.tell('problem', c.say('done.not', { id: row.number, why }));
    }
  }
  if (rows.length > BULK)
    c.tell(
      count < rows.length ? 'problem' : 'done',
      c.say('done.bulk', { done: count, all: rows.length, action: c.say(`action.${kind}` as MessageKey) }),
    );
  await refreshQueue(c);
  await refreshIncident(c, c.state.screen === 'incident');
}

/** Up to so many records a reversible change asks nothing; beyond the second number the count must be typed. */
const BULK = 5;
const MANY = 25;

function sure(c: Console, rows: readonly IncidentRow[], kind: string, go: () => Promise<void>) {
  const action = c.say(`action.${kind}` as MessageKey);
  const sample = rows
    .slice(0, 3)
    .map(({ number }) => number)
    .join(', ');
  if (rows.length > MANY) {
    openForm(c, {
      draft: `count ${kind}`,
      title: c.say('bulk.title', { action, count: rows.length }),
      fields: [
        {
          name: 'count',
          label: c.say('bulk.count'),
          required: true,
          about: c.say('bulk.sample', { sample }),
        },
      ],
      async submit({ count }) {
        if (count !== String(rows.length)) throw errors.usage(c.say('bulk.wrong', { count: rows.length }));
        await go();
      },
    });
  } else if (rows.length > BULK) {
    c.set({
      dialog: {
        kind: 'confirm',
        text: c.say('bulk.sure', { action, count: rows.length, sample }),
        openedAt: c.now(),
        yes: () => c.run(go()),
      },
    });
  } else c.run(go());
}

function chosen(c: Console): IncidentRow[] {
  const rows = targets(c);
  if (rows.length === 0) c.tell('info', c.say('why.nothing'));
  return rows;
}
const draftOf = (kind: string, rows: readonly IncidentRow[]) =>
  `${kind} ${rows.map(({ id }) => id).join(' ')}`;
const nameOf = (c: Console, rows: readonly IncidentRow[]): string =>
  rows.length === 1 ? rows[0]!.number : c.say('bulk.some', { count: rows.length });

export function acknowledge(c: Console) {
  const rows = chosen(c);
  if (rows.length > 0)
    sure(c, rows, 'acknowledge', () => each(c, rows, 'acknowledge', {}, 'done.acknowledge'));
}

export function assign(c: Console) {
  const rows = chosen(c);
  if (rows.length === 0) return;
  openForm(c, {
    draft: draftOf('assign', rows),
    title: c.say('assign.title', { id: nameOf(c, rows) }),
    // Me first; an empty name takes the owner away.
    fields: [
      { name: 'to', label: c.say('assign.to'), value: c.state.me?.user ?? '', about: c.say('assign.about') },
    ],
    submit: ({ to }) =>
      each(c, rows, 'assign', { to: to || null }, to ? 'done.assign' : 'done.unassign', { to: to ?? '' }),
  });
}

export function note(c: Console) {
  const rows = chosen(c);
  if (rows.length === 0) return;
  openForm(c, {
    draft: draftOf('note', rows),
    title: c.say('note.title', { id: nameOf(c, rows) }),
    fields: [{ name: 'text', label: c.say('note.text'), required: true }],
    submit: ({ text }) => each(c, rows, 'note', { text }, 'done.note'),
  });
}

export function severity(c: Console) {
  const rows = chosen(c);
  if (rows.length === 0) return;
  openForm(c, {
    draft: draftOf('severity', rows),
    title: c.say('severity.title', { id: nameOf(c, rows) }),
    fields: [
      {
        name: 'severity',
        label: c.say('severity.level'),
        options: LEVELS.map((level) => ({ value: level, label: c.say(`level.${level}`) })),
        value: rows[0]!.severity,
      },
      { name: 'reason', label: c.say('form.reason'), required: true },
    ],
    submit: ({ severity: level, reason }) =>
      each(c, rows, 'severity', { severity: level, reason }, 'done.severity', {
        level: c.say(`level.${level as Incident['severity']}`),
      }),
  });
}

export function close(c: Console) {
  const rows = chosen(c);
  if (rows.length === 0) return;
  openForm(c, {
    draft: draftOf('close', rows),
    title: c.say('close.title', { id: nameOf(c, rows) }),
    fields: [
      {
        name: 'verdict',
        label: c.say('close.verdict'),
        options: VERDICTS.map((one) => ({ value: one, label: c.say(`verdict.${one}`) })),
      },
      { name: 'reason', label: c.say('form.reason'), required: true },
    ],
    submit: ({ verdict, reason }) => each(c, rows, 'close', { verdict, reason }, 'done.close'),
  });
}

export function reopen(c: Console) {
  const rows = chosen(c);
  if (rows.length === 0) return;
  openForm(c, {
    draft: draftOf('reopen', rows),
    title: c.say('reopen.title', { id: nameOf(c, rows) }),
    fields: [{ name: 'reason', label: c.say('form.reason'), required: true }],
    submit: ({ reason }) => each(c, rows, 'reopen', { reason }, 'done.reopen'),
  });
}

/** Whether the law's clocks run is a person's decision, with a reason. */
export function significance(c: Console) {
  const rows = chosen(c).slice(0, 1);
  if (rows.length === 0) return;
  openForm(c, {
    draft: draftOf('significance', rows),
    title: c.say('significance.title', { id: nameOf(c, rows) }),
    fields: [
      {
        name: 'decided',
        label: c.say('significance.decided'),
        options: [
          { value: 'no', label: c.say('no') },
          { value: 'yes', label: c.say('yes') },
        ],
      },
      { name: 'reason', label: c.say('form.reason'), required: true },
    ],
    submit: ({ decided, reason }) =>
      each(c, rows, 'significance', { decided: decided === 'yes', reason }, 'done.significance'),
  });
}
