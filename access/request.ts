/** Asking for access: what the policy says, what the target says, and the hash that an approval binds. */
import { hashOf } from '../core/canonical.ts';
import { and, equals, isIn } from '../core/conditions/tree.ts';
import type { Access, PlannedTarget } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { findAll } from '../core/find-all.ts';
import { bareName } from '../core/grants.ts';
import { isoOf } from './change.ts';
import { append, contextOf, type Engine, providerOf, targetOf, write } from './engine.ts';
import { ruleFor } from './policy.ts';
import type { Planned, Wanted } from './provider.ts';
import { publicKey } from './public-key.ts';

export interface Ask {
  /** The person who gets it; whoever asks when left out. */
  readonly who?: string;
  readonly system: string;
  readonly role: string;
  /** The person's account on the target; the name of the person when left out. */
  readonly account?: string;
  readonly why: string;
  readonly ticket?: string;
  readonly minutes: number;
  /** ISO; as soon as it is approved when left out. */
  readonly notBefore?: string;
  /** Public key, for a host. */
  readonly key?: string;
}

const HOUR_MS = 3_600_000;
const MAX_AHEAD_MS = 90 * 24 * HOUR_MS;
export const HELD_STATES = ['active', 'ending'] as const;

export async function requestAccess(engine: Engine, ask: Ask, by: string): Promise<Access> {
  const policy = engine.policy();
  const now = engine.now();
  const { system, minutes } = ask;
  const settings = targetOf(engine, system);
  const who = ask.who ?? by;
  // A host gives its own account: who logs on there is told by the key.
  const account = settings.kind === 'ssh' ? ask.role : (ask.account ?? bareName(who));
  const rule = ruleFor(policy, engine.policyFile, system, ask.role);
  if (minutes > rule.longest_minutes)
    throw errors.refused(
      `${rule.id} allows at most ${rule.longest_minutes} minutes, not ${minutes}`,
      'ask for less; who needs longer asks again, and somebody looks again',
    );
  const notBefore = ask.notBefore === undefined ? undefined : beginning(ask.notBefore, now);
  const year = new Date(now).getUTCFullYear();
  const number = await engine.store.documents.nextNumber(`access-${year}`);
  const id = `ACC-${year}-${String(number).padStart(6, '0')}`;
  const key = ask.key === undefined ? undefined : publicKey(ask.key);
  const wanted: Wanted = { id, system, role: ask.role, account, ...(key === undefined ? {} : { key }) };
  const planned = await planAccess(engine, wanted);
  const asked = {
    who,
    system,
    kind: settings.kind,
    role: ask.role,
    account: planned.account,
    minutes,
    ...(notBefore === undefined ? {} : { notBefore: isoOf(notBefore) }),
    ...(key === undefined ? {} : { key }),
    policyLine: rule.id,
  };
  const access: Access = {
    id,
    ...asked,
    why: ask.why,
    ...(ask.ticket === undefined ? {} : { ticket: ask.ticket }),
    requestedBy: by,
    requested: isoOf(now),
    state: 'waiting',
    plan: planned.plan,
    found: planned.found,
    planHash: hashOfPlan({ ...asked, plan: planned.plan }),
    approvals: [],
    approvalsNeeded: rule.needed,
    expires: isoOf((notBefore ?? now) + rule.wait_hours * HOUR_MS),
    attempts: 0,
    recordings: [],
    history: [],
  };
  await append(engine, id, {
    entry: 'requested',
    by,
    data: { planHash: access.planHash, expires: access.expires, ...asked },
  });
  await write(engine, 'access requested', () => engine.store.documents.create('access', id, access));
  return access;
}

/** Reads the target; also right before it is given. */
export async function planAccess(engine: Engine, wanted: Wanted): Promise<Planned<unknown>> {
  const ctx = contextOf(engine);
  const own = ctx.own(wanted.system);
  if (own !== '' && bareName(own) === bareName(wanted.account))
    throw errors.refused(
      `${JSON.stringify(wanted.account)} is the account of Vigia on ${wanted.system}`,
      'its rights are not changed by itself',
    );
  const provider = providerOf(engine, wanted.system);
  const others = (await heldBy(engine, wanted)).filter(({ id }) => id !== wanted.id);
  const other = others[0];
  if (provider.oneAtATime && other !== undefined)
    throw errors.refused(
      `${wanted.account} on ${wanted.system} is held by ${other.who} (${other.id}) until ${other.given?.to ?? 'its end'}`,
      'ask again afterwards: what two people do with one account cannot be told apart',
    );
  return await provider.plan(
    wanted,
    others.flatMap(({ given }) => (given === undefined ? [] : [given.to])),
    ctx,
  );
}

/** Access that the account has on the target just now. */
const heldBy = async (engine: Engine, { system, account }: Wanted): Promise<Access[]> => {
  const where = and(isIn('state', HELD_STATES), equals('system', system));
  const found = await findAll(engine.store.documents, 'access', { where });
  return found.map(({ body }) => body).filter((one) => bareName(one.account) === bareName(account));
};

/** Identities, limits and times are bound; names and what was merely observed are not. */
export const hashOfPlan = (
  access: Pick<
    Access,
    'who' | 'system' | 'kind' | 'role' | 'minutes' | 'notBefore' | 'key' | 'policyLine' | 'plan'
  >,
): string =>
  hashOf({
    who: access.who,
    kind: access.kind,
    role: access.role,
    minutes: access.minutes,
    notBefore: access.notBefore ?? null,
    key: access.key ?? null,
    policyLine: access.policyLine,
    targets: access.plan.targets.map(identityOf).sort(),
    bounds: access.plan.bounds,
  });

const identityOf = ({ system, identity }: PlannedTarget): string => `${system}:${identity}`;

function beginning(text: string, now: number): number {
  const at = Date.parse(text);
  if (!Number.isFinite(at))
    throw errors.usage(`${JSON.stringify(text)} is no time`, 'write it as 2026-12-01T08:00:00Z');
  if (at > now + MAX_AHEAD_MS) throw errors.usage(`${text} is more than 90 days away`);
  return Math.max(at, now);
}
