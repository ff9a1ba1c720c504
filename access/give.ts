/** Gives what was approved, once: a start without a receipt is asked about on the target, never repeated. */
import type { Access, Grant } from '../core/documents.ts';
import { VigiaError } from '../core/errors.ts';
import { namesOfSystem } from '../targets/system-names.ts';
import { changeAccess, isoOf, withState } from './change.ts';
import { append, contextOf, type Engine, providerOf, readJournal, write } from './engine.ts';
import type { Held } from './hold.ts';
import type { Wanted } from './provider.ts';
import { hashOfPlan, planAccess } from './request.ts';

const GIVE = 0;
const MINUTE_MS = 60_000;

export const wantedOf = ({ id, system, role, account, key }: Access): Wanted => ({
  id,
  system,
  role,
  account,
  ...(key === undefined ? {} : { key }),
});

export async function giveAccess(engine: Engine, access: Access, held: Held): Promise<void> {
  const key = `${access.id}/give`;
  const marker = await engine.store.documents.get('marker', key);
  if (marker !== undefined) {
    const { from, to, found } = marker.body.data as { from: string; to: string; found: unknown };
    return await afterCrash(engine, { ...access, found }, { from, to }, held);
  }
  const again = await planAgain(engine, access);
  if (typeof again === 'string') return await fail(engine, access, again);
  const from = engine.now();
  const span = { from: isoOf(from), to: isoOf(from + access.minutes * MINUTE_MS) };
  await held.check();
  // Only one holder of the lease comes here, so that the marker cannot be there.
  await write(engine, 'marker give', () =>
    engine.store.documents.create('marker', key, {
      at: span.from,
      by: 'vigia',
      data: { ...span, found: again.found },
    }),
  );
  await append(engine, access.id, { entry: 'step-started', by: 'vigia', step: GIVE, key, data: span });
  const fresh = { ...access, found: again.found };
  // Before it works: no use of it may look as if nobody had given it.
  await keepGrant(engine, fresh, span);
  let failure: string | undefined;
  try {
    const provider = providerOf(engine, access.system);
    await provider.give(wantedOf(fresh), fresh.found, span.to, contextOf(engine, held.calls));
  } catch (cause) {
    if (!(cause instanceof VigiaError) || cause.code === 'lease-lost') throw cause;
    // The call may have reached the target all the same: only asking it tells.
    failure = cause.message;
  }
  await append(engine, access.id, {
    entry: 'receipt',
    by: 'vigia',
    step: GIVE,
    key,
    data: failure === undefined ? {} : { failure },
  });
  await prove(engine, fresh, span, failure);
}

interface Span {
  readonly from: string;
  readonly to: string;
}

/** The approval holds for what was seen; the target may have changed since. */
async function planAgain(engine: Engine, access: Access): Promise<{ found: unknown } | string> {
  try {
    const again = await planAccess(engine, wantedOf(access));
    return hashOfPlan({ ...access, plan: again.plan }) === access.planHash
      ? again
      : 'the target is no longer the one that was approved: the account or the role is another';
  } catch (cause) {
    if (!(cause instanceof VigiaError) || cause.code === 'remote') throw cause;
    return `it can no longer be given: ${cause.message}`;
  }
}

async function afterCrash(engine: Engine, access: Access, span: Span, held: Held): Promise<void> {
  const key = `${access.id}/give`;
  const entries = (await readJournal(engine, access.id)).filter((entry) => entry.key === key);
  const started = { by: 'vigia', step: GIVE, key };
  if (!entries.some(({ entry }) => entry === 'step-started'))
    await append(engine, access.id, {
      entry: 'step-started',
      ...started,
      data: { ...span, recovered: true },
    });
  await keepGrant(engine, access, span);
  let receipt = entries.find(({ entry }) => entry === 'receipt')?.data;
  if (receipt === undefined) {
    receipt = { failure: 'Vigia stopped before the answer came; the call was not repeated', recovered: true };
    await append(engine, access.id, { entry: 'receipt', ...started, data: receipt });
  }
  await held.check();
  await prove(engine, access, span, receipt['failure'] as string | undefined);
}

/** What is not proven is ended at once: nobody may have what nobody knows of. */
async function prove(engine: Engine, access: Access, span: Span, failure: string | undefined): Promise<void> {
  const provider = providerOf(engine, access.system);
  const { outcome, detail } = await provider
    .isGiven(wantedOf(access), access.found, span.to, contextOf(engine))
    .catch((cause: unknown) => {
      if (!(cause instanceof VigiaError)) throw cause;
      return { outcome: 'unknown', detail: `the target could not be asked: ${cause.message}` } as const;
    });
  const told = failure === undefined ? detail : `${failure}; asked: ${detail}`;
  const key = `${access.id}/give`;
  await append(engine, access.id, {
    entry: 'verified',
    by: 'vigia',
    step: GIVE,
    key,
    data: { outcome, detail: told },
  });
  await engine.tell({
    action: outcome === 'proven' ? 'access.given' : 'access.not-given',
    id: access.id,
    details: { user: access.who, system: access.system, role: access.role, ...span, outcome },
  });
  await changeAccess(engine, access.id, 'given', (one) => {
    // A process that slept through its lease comes too late: somebody else went on.
    if (one.state !== 'approved') return one;
    const { trouble: _, ...rest } = one;
    const given = { ...rest, found: access.found, given: { ...span, outcome, detail: told } };
    return withState(engine, given, outcome === 'proven' ? 'active' : 'ending', 'vigia', told);
  });
}

const fail = async (engine: Engine, { id }: Access, why: string): Promise<void> => {
  await append(engine, id, { entry: 'finished', by: 'vigia', data: { why } });
  await changeAccess(engine, id, 'failed', (one) =>
    one.state === 'approved' ? withState(engine, one, 'failed', 'vigia', why) : one,
  );
};

/** What rules read (`core/grants.ts`). */
async function keepGrant(engine: Engine, access: Access, { from, to }: Span): Promise<void> {
  const [system = access.system, ...also] = namesOfSystem(engine.targets, access.system);
  const named = providerOf(engine, access.system).namedInEvents?.(access.found) ?? [];
  const grant: Grant = {
    id: access.id,
    who: access.account,
    ...(named.length > 0 ? { whoAlso: [...named] } : {}),
    system,
    ...(also.length > 0 ? { also } : {}),
    role: access.role,
    from,
    to,
    ...(access.ticket === undefined ? {} : { ticket: access.ticket }),
    by: access.approvals.map(({ by }) => by).join(', '),
  };
  await write(engine, 'grant', () => engine.store.documents.create('grant', access.id, grant));
}
