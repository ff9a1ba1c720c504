/** Reads and changes the document of an access; every change carries the version that was read. */
import type { Access, AccessState, Change } from '../core/documents.ts';
import { errors, isConflict } from '../core/errors.ts';
import { type Engine, write } from './engine.ts';

export async function readAccess(engine: Engine, id: string): Promise<Access> {
  const stored = await engine.store.documents.get('access', id);
  if (stored === undefined) throw errors.notFound('access', id);
  return stored.body;
}

/** A conflict means that somebody else changed it: `change` looks at the new content and decides again. */
const ATTEMPTS = 10;

/** `change` may throw to refuse. Returning the same object writes nothing. */
export async function changeAccess(
  engine: Engine,
  id: string,
  point: string,
  change: (access: Access) => Access,
): Promise<Access> {
  for (let attempt = 1; ; attempt += 1) {
    const stored = await engine.store.documents.get('access', id);
    if (stored === undefined) throw errors.notFound('access', id);
    const changed = change(stored.body);
    if (changed === stored.body) return changed;
    try {
      await write(engine, `access ${point}`, () =>
        engine.store.documents.update('access', id, changed, stored.version),
      );
      return changed;
    } catch (cause) {
      if (!isConflict(cause) || attempt === ATTEMPTS) throw cause;
    }
  }
}

export function withState(
  engine: Engine,
  access: Access,
  state: AccessState,
  by: string,
  reason?: string,
): Access {
  if (access.state === state) return access;
  const change: Change = {
    at: new Date(engine.now()).toISOString(),
    by,
    field: 'state',
    from: access.state,
    to: state,
    ...(reason === undefined ? {} : { reason }),
  };
  return { ...access, state, history: [...access.history, change] };
}

export const isoOf = (ms: number): string => new Date(ms).toISOString();
