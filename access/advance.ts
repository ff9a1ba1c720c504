/** Moves an access on as far as it goes now: gives it, ends it, lets it expire. Called again after a crash it goes on where the journal ends. */
import { isIn } from '../core/conditions/tree.ts';
import type { Access } from '../core/documents.ts';
import { VigiaError } from '../core/errors.ts';
import { findAll } from '../core/find-all.ts';
import { changeAccess, readAccess, withState } from './change.ts';
import { expireIfLate } from './decide.ts';
import { endAccess } from './end.ts';
import type { Engine } from './engine.ts';
import { giveAccess } from './give.ts';
import { type Held, holding, isLost } from './hold.ts';
import { keepTrouble } from './trouble.ts';

/** Never waits: what cannot be done now is left for the next call. Another process may be at it; then its state is told. */
export async function advanceAccess(engine: Engine, id: string): Promise<Access> {
  await holding(engine, id, async (held) => {
    for (;;) {
      const access = await readAccess(engine, id);
      if (!isDue(engine, access)) return;
      try {
        await step(engine, access, held);
      } catch (cause) {
        // Whoever holds it now goes on, and asks the target first.
        if (isLost(cause)) return;
        if (!(cause instanceof VigiaError)) throw cause;
        await keepTrouble(engine, await readAccess(engine, id), cause.message);
        return;
      }
    }
  });
  return await readAccess(engine, id);
}

async function step(engine: Engine, access: Access, held: Held): Promise<void> {
  if (access.state === 'active' || access.state === 'ending') return await endAccess(engine, access, held);
  if (access.takenBack !== undefined && !(await wasStarted(engine, access)))
    return void (await changeAccess(engine, access.id, 'withdrawn', (one) =>
      withState(engine, one, 'withdrawn', one.takenBack?.by ?? 'vigia', one.takenBack?.reason),
    ));
  const isOver = engine.now() >= Date.parse(access.expires) && !(await wasStarted(engine, access));
  if (isOver)
    return void (await changeAccess(engine, access.id, 'expired', (one) => expireIfLate(engine, one)));
  await giveAccess(engine, access, held);
}

/** Whatever its document says: the target may have been told. */
const wasStarted = async (engine: Engine, { id }: Access): Promise<boolean> =>
  (await engine.store.documents.get('marker', `${id}/give`)) !== undefined;

/** Would `advance` do something? */
export function isDue(engine: Engine, access: Access): boolean {
  const now = engine.now();
  if (access.trouble !== undefined && now < Date.parse(access.trouble.next)) return false;
  switch (access.state) {
    case 'waiting':
      return access.takenBack !== undefined || now >= Date.parse(access.expires);
    case 'approved':
      return (
        access.takenBack !== undefined ||
        access.notBefore === undefined ||
        now >= Date.parse(access.notBefore)
      );
    case 'active':
      return access.takenBack !== undefined || now >= Date.parse(access.given?.to ?? '');
    case 'ending':
      return true;
    default:
      return false;
  }
}

export async function dueAccess(engine: Engine): Promise<Access[]> {
  const where = isIn('state', ['waiting', 'approved', 'active', 'ending']);
  const found = await findAll(engine.store.documents, 'access', { where });
  return found.map(({ body }) => body).filter((access) => isDue(engine, access));
}
