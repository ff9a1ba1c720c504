/** What a person does to an incident, or to the marked ones: acknowledge, assign, note, severity, close, reopen, significance. */
import { type Incident, LEVELS } from '../../../core/documents.ts';
import { VERDICTS } from '../../../incidents/changes.ts';
import type { Console } from '../store/console.ts';
import type { IncidentRow } from '../store/state.ts';
import { each, sure, targets } from './change.ts';
import { openForm } from './form.ts';

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
