/** Writes an alert as it is judged now: created, changed or withdrawn, with history; repeating it changes nothing. */
import type { Alert, Change } from '../../../core/documents.ts';
import { wrote } from '../../../core/wrote.ts';
import type { Parts } from '../../parts.ts';

const BY = 'judgement';

/** The alert as it now stands in the store. What people may have seen is not hidden afterwards by an exception. */
export async function keepAlert({ store, now }: Parts, alert: Alert): Promise<Alert> {
  for (;;) {
    const stored = await store.documents.get('alert', alert.id);
    if (!stored) {
      if ((await store.documents.create('alert', alert.id, alert)) === 'created') return alert;
      continue;
    }
    const { body, version } = stored;
    const { exception: _, ...shown } = alert;
    const wanted: Alert = body.state === 'open' ? { ...shown, state: 'open' } : alert;
    const changes = differences(body, wanted, new Date(now()).toISOString());
    if (changes.length === 0) return body;
    const next: Alert = {
      ...wanted,
      created: body.created,
      ...(body.incident ? { incident: body.incident } : {}),
      history: [...body.history, ...changes],
    };
    if (await wrote(() => store.documents.update('alert', alert.id, next, version))) return next;
  }
}

/** Undefined when there is no such alert, or it is withdrawn already. */
export async function withdrawAlert(
  { store, now }: Parts,
  id: string,
  reason: string,
): Promise<Alert | undefined> {
  for (;;) {
    const stored = await store.documents.get('alert', id);
    if (!stored || stored.body.state === 'withdrawn') return undefined;
    const { body, version } = stored;
    const at = new Date(now()).toISOString();
    const change: Change = { at, by: BY, field: 'state', from: body.state, to: 'withdrawn', reason };
    const withdrawn: Alert = { ...body, state: 'withdrawn', history: [...body.history, change] };
    if (await wrote(() => store.documents.update('alert', id, withdrawn, version))) return withdrawn;
  }
}

/** What people would see changing; entities and evidence follow. */
function differences(from: Alert, to: Alert, at: string): Change[] {
  return (['state', 'kind', 'to', 'eventCount', 'detail'] as const).flatMap((field) =>
    from[field] === to[field]
      ? []
      : [{ at, by: BY, field, from: from[field] ?? null, to: to[field] ?? null }],
  );
}
