/**
 * Ends access: asks the target, takes away what is still there, asks again. An attempt that was started is never repeated;
 * a further one is made only after the target said that the right or a session is still there.
 */
import type { Access, AccessProof } from '../core/documents.ts';
import { VigiaError } from '../core/errors.ts';
import { changeAccess, isoOf, withState } from './change.ts';
import { append, contextOf, type Engine, providerOf, readJournal, write } from './engine.ts';
import { wantedOf } from './give.ts';
import { type Held, lost } from './hold.ts';
import { keepTrouble } from './trouble.ts';

const DAY_MS = 86_400_000;

export async function endAccess(engine: Engine, found: Access, held: Held): Promise<void> {
  const access = found.state === 'ending' ? found : await begin(engine, found);
  await revokeGrant(engine, access);
  await closeAttempt(engine, access);
  await held.check();
  const before = await look(engine, access);
  if (isEnd(before)) return await end(engine, access, before);
  const after = await attempt(engine, access, held);
  if (isEnd(after)) return await end(engine, { ...access, attempts: access.attempts + 1 }, after);
  const left = [after.right, after.sessions].filter(({ outcome }) => outcome === 'not-proven');
  const detail = left.map((one) => one.detail).join('; ');
  await keepTrouble(engine, access, detail);
}

const begin = (engine: Engine, access: Access): Promise<Access> =>
  changeAccess(engine, access.id, 'ending', (one) => {
    if (one.state !== 'active') return one;
    const { trouble: _, ...rest } = one;
    const { by = 'vigia', reason = 'its time is over' } = one.takenBack ?? {};
    return withState(engine, rest, 'ending', by, reason);
  });

/** What cannot be looked at (`unknown`) is told, and keeps nobody from being done; what is seen to be there does. */
const isEnd = ({ right, sessions }: AccessProof): boolean =>
  right.outcome === 'proven' && sessions.outcome !== 'not-proven';

const look = (engine: Engine, access: Access): Promise<AccessProof> =>
  providerOf(engine, access.system).isGone(wantedOf(access), access.found, endOf(access), contextOf(engine));

/** Given without proof, it may have no end yet in its document. */
const endOf = ({ given, requested }: Access): string => given?.to ?? requested;

/** Of a process that died: what it sent is unknown, and asked about next. */
async function closeAttempt(engine: Engine, { id, attempts }: Access): Promise<void> {
  if (attempts === 0) return;
  const key = `${id}/end/${attempts}`;
  const entries = (await readJournal(engine, id)).filter((entry) => entry.key === key);
  const started = { by: 'vigia', step: attempts, key };
  if (!entries.some(({ entry }) => entry === 'step-started'))
    await append(engine, id, { entry: 'step-started', ...started, data: { recovered: true } });
  if (!entries.some(({ entry }) => entry === 'receipt')) {
    const failure = 'Vigia stopped before the answer came; the call was not repeated';
    await append(engine, id, { entry: 'receipt', ...started, data: { failure, recovered: true } });
  }
}

async function attempt(engine: Engine, access: Access, held: Held): Promise<AccessProof> {
  const { id } = access;
  const number = access.attempts + 1;
  const key = `${id}/end/${number}`;
  await held.check();
  // Counted before anything is sent: whoever comes after a crash asks first, and then makes the next one.
  const counted = await changeAccess(engine, id, 'attempt', (one) =>
    one.attempts === access.attempts ? { ...one, attempts: number } : one,
  );
  if (counted.attempts !== number) throw lost(id);
  const started = { by: 'vigia', step: number, key };
  await append(engine, id, { entry: 'step-started', ...started, data: {} });
  let failure: string | undefined;
  try {
    const ctx = contextOf(engine, held.calls);
    await providerOf(engine, access.system).take(wantedOf(access), access.found, endOf(access), ctx);
  } catch (cause) {
    if (!(cause instanceof VigiaError) || cause.code === 'lease-lost') throw cause;
    failure = cause.message;
  }
  await append(engine, id, {
    entry: 'receipt',
    ...started,
    data: failure === undefined ? {} : { failure },
  });
  const proof = await look(engine, access);
  await append(engine, id, { entry: 'verified', ...started, data: { ...proof } });
  return proof;
}

async function end(engine: Engine, access: Access, proof: AccessProof): Promise<void> {
  const policy = engine.policy();
  const at = engine.now();
  const due = Date.parse(access.takenBack?.at ?? endOf(access));
  const isLate = access.given?.outcome === 'proven' && at - due >= policy.late_after_seconds * 1_000;
  const late = isLate ? { lateMs: at - due } : {};
  await append(engine, access.id, { entry: 'finished', by: 'vigia', data: { ...proof, ...late } });
  await engine.tell({
    action: 'access.ended',
    id: access.id,
    details: {
      user: access.who,
      system: access.system,
      role: access.role,
      right: proof.right.outcome,
      sessions: proof.sessions.outcome,
      ...(isLate ? { lateSeconds: Math.round((at - due) / 1_000) } : {}),
    },
  });
  await changeAccess(engine, access.id, 'ended', (one) => {
    if (one.state !== 'ending') return one;
    const { trouble: _, ...rest } = one;
    const ended: Access = {
      ...rest,
      ended: { at: isoOf(at), proof, ...late },
      reviewBy: isoOf(at + policy.review.days * DAY_MS),
    };
    return withState(engine, ended, one.given?.outcome === 'proven' ? 'ended' : 'failed', 'vigia');
  });
}

/** From here on nothing that is done with it is covered. */
async function revokeGrant(engine: Engine, access: Access): Promise<void> {
  const stored = await engine.store.documents.get('grant', access.id);
  if (stored === undefined || stored.body.revoked !== undefined) return;
  const revoked = access.takenBack?.at ?? isoOf(engine.now());
  if (revoked >= stored.body.to) return;
  await write(engine, 'grant revoked', () =>
    engine.store.documents.update('grant', access.id, { ...stored.body, revoked }, stored.version),
  );
}
