/** Which rules alert and which only watch is for everybody to see: a rule that enters or leaves shadow mode is an entry of the audit trail. */
import { isConflict } from '../core/errors.ts';
import type { Parts } from './parts.ts';

/** What the settings said last time: rule ids, with the time since when they are in shadow mode. */
const PROGRESS = 'shadow-rules';

/** Called when a process has read its settings; does nothing where nothing changed. */
export async function recordShadow({ store, detection, audit, now }: Parts): Promise<void> {
  const known = await store.documents.get('progress', PROGRESS);
  const before = known?.body.positions ?? {};
  const entered = [...detection.shadow.entries].filter(([id]) => before[id] === undefined);
  const left = Object.keys(before).filter((id) => !detection.shadow.entries.has(id));
  if (entered.length + left.length === 0) return;
  const at = new Date(now()).toISOString();
  const kept = Object.entries(before).filter(([id]) => !left.includes(id));
  const positions = Object.fromEntries([...kept, ...entered.map(([id]) => [id, now()] as const)]);
  const body = { positions, at };
  try {
    if (known) await store.documents.update('progress', PROGRESS, body, known.version);
    else if ((await store.documents.create('progress', PROGRESS, body)) === 'exists') return;
  } catch (cause) {
    // Another process read the same settings a moment ago, and records.
    if (isConflict(cause)) return;
    throw cause;
  }
  const title = (id: string) =>
    detection.rules.find((rule) => rule.id === id)?.title ?? 'not loaded any more';
  for (const [id, { why }] of entered)
    await audit.record({
      who: 'settings',
      action: 'rule.shadow',
      target: id,
      details: { title: title(id), why },
    });
  for (const id of left)
    await audit.record({
      who: 'settings',
      action: 'rule.alerts-again',
      target: id,
      details: { title: title(id) },
    });
}
