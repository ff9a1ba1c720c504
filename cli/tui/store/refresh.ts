/** Reads from the API what the current screen shows; nothing for hidden screens but the queue and the clocks. */
import type { Run } from '../../../core/documents.ts';
import type { LedgerLine } from '../../../core/store.ts';
import { ask, type Console, reasonOf } from './console.ts';
import { merge, type View } from './queue.ts';
import { refreshAccess } from './refresh-access.ts';
import { refreshPatching } from './refresh-patching.ts';
import type { DeadLettersAnswer, HealthAnswer, IncidentAnswer, IncidentRow, RunAnswer } from './state.ts';

const PAGE = 1_000;
/** Reading an incident is audited: one that is not in the queue is read again at most so often. */
const UNLISTED_MS = 30_000;
const GONE_AT_ONCE = 10;

const QUERIES: Readonly<Record<View, string>> = {
  open: 'state=open',
  mine: 'state=open',
  waiting: 'state=waiting',
  closed: 'state=closed&sort=newest',
  all: 'state=all&sort=newest',
};
/** Histories grow without end: the newest page is read, and the status line says that there is more. */
const isWhole = (view: View) => view === 'open' || view === 'mine' || view === 'waiting';

export async function refreshMe(c: Console): Promise<void> {
  const me = await ask(c, () => c.api.get<NonNullable<Console['state']['me']>>('/api/v1/me'));
  c.set({ me });
}

export async function refreshQueue(c: Console): Promise<void> {
  const { view } = c.state.queue;
  const rows: IncidentRow[] = [];
  let next: string | undefined;
  do {
    const after = next === undefined ? '' : `&after=${encodeURIComponent(next)}`;
    const page = await ask(c, () =>
      c.api.get<{ incidents: IncidentRow[]; next?: string }>(
        `/api/v1/incidents?${QUERIES[view]}&size=${PAGE}${after}`,
      ),
    );
    rows.push(...page.incidents);
    next = page.next;
  } while (next !== undefined && isWhole(view));
  const { queue, me } = c.state;
  // The view changed while the answer was on its way.
  if (queue.view !== view) return;
  if (!isSame(queue.records, queue.gone, rows) || queue.loadedAt === undefined) {
    c.set({ queue: merge(queue, rows, next === undefined, me?.user, c.now()) }, 'background');
  }
  await Promise.all([explainGone(c), refreshClocks(c, rows), refreshIncident(c)]);
}

function isSame(
  known: ReadonlyMap<string, IncidentRow>,
  gone: ReadonlySet<string>,
  rows: readonly IncidentRow[],
): boolean {
  return (
    known.size - gone.size === rows.length &&
    rows.every((row) => known.get(row.id)?.version === row.version && !gone.has(row.id))
  );
}

/** A row that left the view says why; it is read once. */
async function explainGone(c: Console): Promise<void> {
  const { gone, explained: known } = c.state.queue;
  const unexplained = [...gone].filter((id) => !known.has(id)).slice(0, GONE_AT_ONCE);
  if (unexplained.length === 0) return;
  const answers = await Promise.all(
    unexplained.map((id) => ask(c, () => c.api.get<IncidentAnswer>(`/api/v1/incidents/${id}`))),
  );
  const { queue } = c.state;
  const records = new Map(queue.records);
  for (const { incident, version } of answers)
    if (queue.gone.has(incident.id)) records.set(incident.id, { ...incident, version });
  c.set(
    { queue: { ...queue, records, explained: new Set([...queue.explained, ...unexplained]) } },
    'background',
  );
}

/** Only incidents that a person found significant run statutory clocks; each is read once per version. */
async function refreshClocks(c: Console, rows: readonly IncidentRow[]): Promise<void> {
  const significant = rows.filter((row) => row.significance?.decided && row.state !== 'closed');
  const changed = significant.filter((row) => c.state.clocks.get(row.id)?.version !== row.version);
  if (changed.length === 0) return;
  const answers = await Promise.all(
    changed.map((row) => ask(c, () => c.api.get<IncidentAnswer>(`/api/v1/incidents/${row.id}`))),
  );
  const clocks = new Map([...c.state.clocks].filter(([id]) => significant.some((row) => row.id === id)));
  for (const { incident, version, clocks: own } of answers)
    clocks.set(incident.id, { number: incident.number, version, clocks: own });
  c.set({ clocks }, 'background');
}

export async function refreshIncident(c: Console, force = false): Promise<void> {
  const { screen, incident, queue } = c.state;
  const { id } = incident;
  if (id === undefined || (screen !== 'incident' && !force)) return;
  const listed = queue.records.get(id);
  const isStale = listed
    ? listed.version !== incident.value?.version
    : c.now() - (incident.at ?? 0) >= UNLISTED_MS;
  if (!force && !isStale && !(incident.value && (await runsChanged(c, incident.value)))) return;
  try {
    const value = await ask(c, () =>
      c.api.get<IncidentAnswer>(`/api/v1/incidents/${encodeURIComponent(id)}`),
    );
    if (c.state.incident.id !== id) return;
    const { error: _, ...kept } = c.state.incident;
    c.set({ incident: { ...kept, id: value.incident.id, value, at: c.now() } }, 'background');
  } catch (cause) {
    if (c.state.incident.id === id)
      c.set({ incident: { ...c.state.incident, error: reasonOf(cause), at: c.now() } }, 'background');
    throw cause;
  }
}

const fingerprint = (runs: readonly Run[]) =>
  JSON.stringify(runs.map((run) => [run.id, run.state, run.approvals.length, run.history.length]).sort());
async function runsChanged(c: Console, { incident, runs }: IncidentAnswer): Promise<boolean> {
  const answer = await ask(c, () =>
    c.api.get<{ runs: Run[] }>(`/api/v1/runs?incident=${encodeURIComponent(incident.id)}`),
  );
  return fingerprint(answer.runs) !== fingerprint(runs);
}

export async function refreshRuns(c: Console): Promise<void> {
  try {
    const { runs } = await ask(c, () => c.api.get<{ runs: Run[] }>('/api/v1/runs'));
    const { place } = c.state.runs;
    const selected = place.selected ?? runs[0]?.id;
    if (c.state.runs.value && fingerprint(runs) === fingerprint(c.state.runs.value))
      c.state.runs.at = c.now();
    else
      c.set(
        {
          runs: { value: runs, at: c.now(), place: selected === undefined ? place : { ...place, selected } },
        },
        'background',
      );
  } catch (cause) {
    c.set({ runs: { ...c.state.runs, error: reasonOf(cause) } }, 'background');
    throw cause;
  }
  await refreshRun(c);
}

export async function refreshRun(c: Console): Promise<void> {
  const { id } = c.state.run;
  if (id === undefined) return;
  const value = await ask(c, () => c.api.get<RunAnswer>(`/api/v1/runs/${encodeURIComponent(id)}`));
  const { run, dialog } = c.state;
  if (run.id !== id) return;
  const isSameRun =
    run.value &&
    run.value.journal.length === value.journal.length &&
    fingerprint([run.value.run]) === fingerprint([value.run]);
  if (!isSameRun) c.set({ run: { ...run, value, at: c.now() } }, 'background');
  // An open decision always shows the run as it is now.
  if (
    dialog?.kind === 'approve' &&
    dialog.run.id === value.run.id &&
    fingerprint([dialog.run]) !== fingerprint([value.run])
  ) {
    c.set({ dialog: { ...dialog, run: value.run } }, 'background');
  }
}

export async function refreshHealth(c: Console): Promise<void> {
  try {
    const [health, { ledger }] = await Promise.all([
      ask(c, () => c.api.get<Omit<HealthAnswer, 'ledger'>>('/api/v1/health')),
      ask(c, () => c.api.get<{ ledger: LedgerLine[] }>('/api/v1/ledger')),
    ]);
    const { error: _, ...kept } = c.state.health;
    c.set({ health: { ...kept, value: { ...health, ledger }, at: c.now() } }, 'background');
  } catch (cause) {
    c.set({ health: { ...c.state.health, error: reasonOf(cause) } }, 'background');
    throw cause;
  }
}

export async function refreshLetters(c: Console): Promise<void> {
  const value = await ask(c, () => c.api.get<DeadLettersAnswer>('/api/v1/dead-letters?size=200'));
  c.set({ health: { ...c.state.health, letters: { value, at: c.now() } } });
}

/** What the screen in front needs. */
export const refreshScreen = async (c: Console): Promise<void> => {
  const { screen } = c.state;
  if (screen === 'runs') await refreshRuns(c);
  else if (screen === 'health') await refreshHealth(c);
  else if (screen === 'access') await refreshAccess(c);
  else if (screen === 'patching') await refreshPatching(c);
  else await refreshQueue(c);
};
