/** Users of Entra as Microsoft Graph shows them: found by name, judged as subjects. */
import type { PlannedTarget } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { type Http, pathOf } from '../targets/http.ts';
import type { Subject } from './action.ts';
import { line, system } from './inputs.ts';

export interface EntraInput {
  readonly system: string;
  readonly user: string;
}

export const entraInput = {
  type: 'object',
  required: ['user'],
  additionalProperties: false,
  properties: {
    system: system('graph'),
    user: { ...line(256), description: 'Principal name or object id.', examples: ['anna@example.test'] },
  },
} as const;

export interface EntraUser {
  readonly id: string;
  readonly userPrincipalName: string;
  readonly accountEnabled: boolean;
  /** Sessions from before it are void; null when none was ever revoked. */
  readonly signInSessionsValidFromDateTime: string | null;
}

export async function findUser(http: Http, user: string): Promise<EntraUser> {
  const found = await readUser(http, user);
  if (found === undefined) throw errors.notFound('user of Entra', user);
  return found;
}

export async function readUser(http: Http, user: string): Promise<EntraUser | undefined> {
  const fields = 'id,userPrincipalName,accountEnabled,signInSessionsValidFromDateTime';
  const { status, json } = await http.read('reading the user', {
    method: 'GET',
    path: `${pathOf`/users/${user}`}?$select=${fields}`,
    statuses: [200, 404],
  });
  // The fields are those that we asked for.
  return status === 404 ? undefined : (json as EntraUser);
}

export const entraSubject = (where: string, { id, userPrincipalName }: EntraUser): Subject => ({
  system: where,
  kind: 'directory-account',
  names: [userPrincipalName, id, userPrincipalName.replace(/@.*$/, '')],
});

export const entraTarget = (where: string, { id, userPrincipalName }: EntraUser): PlannedTarget => ({
  system: where,
  identity: id,
  name: userPrincipalName,
});

/** Shown in the reference of each of these actions. */
export const UNTRIED =
  'Its tests answer from records of the documented Microsoft Graph v1.0 and refuse any other call.';
