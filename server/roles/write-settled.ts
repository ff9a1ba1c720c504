/** Brings the stored alerts of correlations in line with what their matches say. Safe to repeat and with several writers. */
import type { Alert, Change } from '../../core/documents.ts';
import { isConflict } from '../../core/errors.ts';
import type { Stored } from '../../core/store.ts';
import type { Settled } from '../../detections/index.ts';
import type { Parts } from '../parts.ts';

const WRITES_AT_ONCE = 20;
const BY = 'correlation';

/** The alerts as they now stand in the store. */
export async function writeSettled(parts: Parts, { fresh, grown, gone }: Settled): Promise<Alert[]> {
  const { documents } = parts.store;
  const outcomes = await documents.createMany(
    'alert',
    fresh.map((body) => ({ id: body.id, body })),
  );
  const known = [...fresh.filter((_, index) => outcomes[index] === 'exists'), ...grown];
  return [
    ...fresh.filter((_, index) => outcomes[index] === 'created'),
    ...(await together(known, (alert) =>
      bring(parts, alert.id, (stored) => (stored ? grownTo(parts, stored, alert) : alert)),
    )),
    ...(await together(gone, (id) => bring(parts, id, (stored) => stored && withdrawn(parts, stored)))),
  ].flatMap((alert) => alert ?? []);
}

async function together<T, R>(items: readonly T[], write: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let at = 0; at < items.length; at += WRITES_AT_ONCE)
    done.push(...(await Promise.all(items.slice(at, at + WRITES_AT_ONCE).map(write))));
  return done;
}

/** Changes the alert, again until nobody wrote in between; `change` gives the same to leave it as it is. */
async function bring(
  { store: { documents } }: Parts,
  id: string,
  change: (alert: Alert | undefined) => Alert | undefined,
): Promise<Alert | undefined> {
  for (;;) {
    const stored: Stored<Alert> | undefined = await documents.get('alert', id);
    const next = change(stored?.body);
    if (next === undefined || next === stored?.body) return next;
    try {
      if (stored) await documents.update('alert', id, next, stored.version);
      else if ((await documents.create('alert', id, next)) === 'exists') continue;
      return next;
    } catch (cause) {
      if (!isConflict(cause)) throw cause;
    }
  }
}

function grownTo({ now }: Parts, stored: Alert, settled: Alert): Alert {
  // What people may have seen is not hidden afterwards.
  const { exception: _, ...shown } = settled;
  const alert: Alert = stored.state === 'open' ? { ...shown, state: 'open' } : settled;
  const isSame =
    stored.eventCount === alert.eventCount &&
    stored.from === alert.from &&
    stored.to === alert.to &&
    stored.state === alert.state;
  if (isSame) return stored;
  const { exception: __, ...rest } = stored;
  return {
    ...rest,
    ...alert,
    created: stored.created,
    // Written as when the alert was made.
    ...(stored.group ? { group: { ...stored.group, value: alert.group!.value } } : {}),
    history: grownHistory(stored, alert, new Date(now()).toISOString()),
  };
}

/** One entry for a run of growth: an episode of days must not drag thousands along. */
function grownHistory({ history, state, eventCount }: Alert, alert: Alert, at: string): Change[] {
  const last = history.at(-1);
  const isRun = state === alert.state && last?.by === BY && last.field === 'eventCount';
  const from = isRun ? last.from : eventCount;
  const reopened: Change[] =
    state === alert.state ? [] : [{ at, by: BY, field: 'state', from: state, to: alert.state }];
  const growth = { at, by: BY, field: 'eventCount', from, to: alert.eventCount };
  return [...(isRun ? history.slice(0, -1) : history), ...reopened, growth];
}

/** The episode no longer exists: late events merged it into another or moved its start. */
function withdrawn({ now }: Parts, stored: Alert): Alert {
  if (stored.state === 'withdrawn') return stored;
  const change = {
    at: new Date(now()).toISOString(),
    by: BY,
    field: 'state',
    from: stored.state,
    to: 'withdrawn',
    reason: 'late events changed the episode',
  };
  return { ...stored, state: 'withdrawn', history: [...stored.history, change] };
}
