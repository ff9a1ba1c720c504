/** Why a person cannot do something now; undefined when they can. Disabled keys stay visible and say this. */
import type { Role } from '../../../core/documents.ts';
import type { Shown } from '../../../core/visible.ts';
import type { Console } from '../store/console.ts';

export const ANALYSTS: readonly Role[] = ['analyst', 'responder'];
export const PLANNERS: readonly Role[] = ['analyst', 'responder', 'approver'];
export const RESPONDERS: readonly Role[] = ['responder', 'approver'];
export const APPROVERS: readonly Role[] = ['approver'];

/** Policies say who decides about access; the server reads them. */
export const EVERYBODY: readonly Role[] = ['viewer', 'analyst', 'responder', 'approver', 'auditor'];

/** The server decides; this only says it before the key is pressed. */
export function whyNot(c: Console, roles: readonly Role[]): Shown | undefined {
  const { readonly, me, connection } = c.state;
  if (readonly) return c.say('why.readonly');
  if (connection.state === 'offline') return c.say('why.offline');
  if (me && !me.roles.some((role) => role === 'admin' || roles.includes(role)))
    return c.say('why.role', { roles: roles.join(', ') });
  return undefined;
}
