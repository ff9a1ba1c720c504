/** What keeps an access from going on: kept with it, tried again later, and told when it is the end that does not come. */
import type { Access } from '../core/documents.ts';
import { changeAccess, isoOf } from './change.ts';
import type { Engine } from './engine.ts';

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;

/** The pause doubles with each trouble in a row, so that a server that is down is not asked all the time. */
export async function keepTrouble(engine: Engine, access: Access, detail: string): Promise<void> {
  const { id, state, who, system, role } = access;
  if (state === 'ending' && access.trouble === undefined)
    await engine.tell({ action: 'access.not-ended', id, details: { user: who, system, role, detail } });
  await changeAccess(engine, id, 'trouble', (one) => {
    const last = one.trouble;
    const before = last === undefined ? 0 : Date.parse(last.next) - Date.parse(last.at);
    const pause = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, before * 2));
    const now = engine.now();
    return { ...one, trouble: { at: isoOf(now), detail, next: isoOf(now + pause) } };
  });
}
