/** Reads privileged access: the list, and the one that is open. */
import type { Access } from '../../../core/documents.ts';
import { ask, type Console, reasonOf } from './console.ts';
import type { AccessAnswer } from './state.ts';

/** What the screen shows of it changed. */
const fingerprint = (all: readonly Access[]): string =>
  JSON.stringify(
    all.map(({ id, state, approvals, history }) => [id, state, approvals.length, history.length]),
  );

export async function refreshAccess(c: Console): Promise<void> {
  try {
    const { access } = await ask(c, () => c.api.get<{ access: Access[] }>('/api/v1/access'));
    const { value, place } = c.state.accesses;
    const selected = place.selected ?? access[0]?.id;
    if (value && fingerprint(access) === fingerprint(value)) c.state.accesses.at = c.now();
    else {
      const next = {
        value: access,
        at: c.now(),
        place: selected === undefined ? place : { ...place, selected },
      };
      c.set({ accesses: next }, 'background');
    }
  } catch (cause) {
    c.set({ accesses: { ...c.state.accesses, error: reasonOf(cause) } }, 'background');
    throw cause;
  }
  await refreshOneAccess(c);
}

export async function refreshOneAccess(c: Console): Promise<void> {
  const { id } = c.state.access;
  if (id === undefined) return;
  const value = await ask(c, () => c.api.get<AccessAnswer>(`/api/v1/access/${encodeURIComponent(id)}`));
  const { access: open } = c.state;
  if (open.id !== id) return;
  const isSame =
    open.value?.journal.length === value.journal.length &&
    fingerprint([open.value.access]) === fingerprint([value.access]);
  if (!isSame) c.set({ access: { ...open, value, at: c.now() } }, 'background');
}
