/** Sending one change to one or many incidents: versions, conflicts explained, questions before many, a result for each. */
import type { Incident } from '../../../core/documents.ts';
import { errors, isConflict } from '../../../core/errors.ts';
import type { MessageKey } from '../../../core/i18n/catalogue.ts';
import type { Shown } from '../../../core/visible.ts';
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
  if (!isConflict(cause)) return reasonOf(cause);
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
export async function each(
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

/** Asks before a change of many. */
export function sure(c: Console, rows: readonly IncidentRow[], kind: string, go: () => Promise<void>) {
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
