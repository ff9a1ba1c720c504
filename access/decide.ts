/** What people decide: approve, refuse, take back, review. Neither who asked nor who gets it consents or reviews. */
import type { Access, Role } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { bareName } from '../core/grants.ts';
import { changeAccess, isoOf, readAccess, withState } from './change.ts';
import { append, type Engine } from './engine.ts';
import type { AccessRule } from './policy.ts';

export interface Person {
  readonly by: string;
  readonly roles: readonly Role[];
}

const same = (a: string, b: string): boolean => bareName(a) === bareName(b);
const isParty = ({ who, requestedBy }: Access, by: string): boolean => same(who, by) || same(requestedBy, by);

/** Approvals that count: of the plan as it is. */
export const approvalsOf = (access: Access) =>
  access.approvals.filter(({ planHash }) => planHash === access.planHash);
const isLate = (engine: Engine, { expires }: Access): boolean => engine.now() >= Date.parse(expires);

export async function approveAccess(
  engine: Engine,
  id: string,
  person: Person & { planHash: string },
): Promise<Access> {
  const { by, planHash } = person;
  const found = await changeAccess(engine, id, 'expired', (access) => expireIfLate(engine, access));
  if (found.state === 'expired') return found;
  const check = (access: Access): void => {
    expectState(access, ['waiting'], 'approved');
    expectApprover(engine, access, person);
    if (planHash !== access.planHash)
      throw errors.refused(`${id} has another plan than the one you saw`, 'look at the plan again');
  };
  const hasApproved = (access: Access) => approvalsOf(access).some((one) => same(one.by, by));
  check(found);
  if (hasApproved(found)) return found;
  await append(engine, id, { entry: 'approved', by, data: { planHash } });
  return await changeAccess(engine, id, 'approved', (access) => {
    check(access);
    if (hasApproved(access)) return access;
    const approvals = [...access.approvals, { by, at: isoOf(engine.now()), planHash }];
    const changed = { ...access, approvals };
    return approvalsOf(changed).length >= access.approvalsNeeded
      ? withState(engine, changed, 'approved', by)
      : changed;
  });
}

export async function refuseAccess(
  engine: Engine,
  id: string,
  person: Person & { reason: string },
): Promise<Access> {
  const { by, reason } = person;
  const check = (access: Access): void => {
    expectState(access, ['waiting'], 'refused');
    expectApprover(engine, access, person);
  };
  check(await readAccess(engine, id));
  await append(engine, id, { entry: 'refused', by, data: { reason } });
  return await changeAccess(engine, id, 'refused', (access) => {
    check(access);
    const refusal = { by, at: isoOf(engine.now()), reason };
    return { ...withState(engine, access, 'refused', by, reason), refusal };
  });
}

/** Before its end; what was never given is withdrawn. Who holds it or asked for it may always, others by role. */
export async function takeBackAccess(
  engine: Engine,
  id: string,
  { by, roles, reason }: Person & { reason: string },
): Promise<Access> {
  const check = (access: Access): void => {
    expectState(access, ['waiting', 'approved', 'active'], 'taken back');
    if (!isParty(access, by) && !roles.includes('responder') && !roles.includes('approver'))
      throw errors.refused(
        `${by} neither has ${id} nor asked for it, and is no responder or approver`,
        'ask one of them',
      );
  };
  check(await readAccess(engine, id));
  await append(engine, id, { entry: 'taken-back', by, data: { reason } });
  return await changeAccess(engine, id, 'taken back', (access) => {
    check(access);
    return { ...access, takenBack: { by, at: isoOf(engine.now()), reason } };
  });
}

export async function reviewAccess(
  engine: Engine,
  id: string,
  person: Person & { verdict: 'in-order' | 'misused'; text: string },
): Promise<Access> {
  const { by, roles, verdict, text } = person;
  const check = (access: Access): void => {
    expectState(access, ['ended', 'failed'], 'reviewed');
    if (access.review !== undefined) throw errors.refused(`${id} was reviewed by ${access.review.by}`);
    if (isParty(access, by))
      throw errors.refused(`${by} asked for ${id} or had it and cannot review it`, 'somebody else must look');
    expectRole(by, roles, engine.policy().review.role);
  };
  check(await readAccess(engine, id));
  await append(engine, id, { entry: 'reviewed', by, data: { verdict, text } });
  return await changeAccess(engine, id, 'reviewed', (access) => {
    check(access);
    return { ...access, review: { by, at: isoOf(engine.now()), verdict, text } };
  });
}

export const expireIfLate = (engine: Engine, access: Access): Access =>
  (access.state === 'waiting' || access.state === 'approved') && isLate(engine, access)
    ? withState(engine, access, 'expired', 'vigia', `not approved and given before ${access.expires}`)
    : access;

function expectState(access: Access, states: readonly Access['state'][], what: string): void {
  if (!states.includes(access.state))
    throw errors.refused(`${access.id} is ${access.state} and cannot be ${what}`);
}

function expectApprover(engine: Engine, access: Access, { by, roles }: Person): void {
  if (isParty(access, by))
    throw errors.refused(
      `${by} asked for ${access.id} or gets it and cannot decide on it`,
      'a second person must',
    );
  const rule = engine.policy().access.find(({ id }) => id === access.policyLine);
  if (rule === undefined)
    throw errors.refused(`the policy has no line ${access.policyLine} any more`, 'ask anew');
  expectRole(by, roles, rule.approver);
  expectAmong(rule, by);
}

function expectRole(by: string, roles: readonly Role[], role: Role): void {
  if (!roles.includes(role)) throw errors.refused(`${by} lacks the role ${role}, which this asks for`);
}

function expectAmong({ of, id }: AccessRule, by: string): void {
  if (of !== undefined && !of.some((name) => same(name, by)))
    throw errors.refused(
      `${by} is not among those whose approval counts for ${id}`,
      `ask one of: ${of.join(', ')}`,
    );
}
