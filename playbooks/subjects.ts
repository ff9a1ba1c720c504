/** Turns what a target says about an account or role into the subject that the protected-asset policy judges. */
import type { PlannedTarget } from '../core/documents.ts';
import type { Account } from '../targets/directory-accounts.ts';
import type { Role } from '../targets/postgresql-roles.ts';
import type { Subject } from './action.ts';

export { findRole } from '../targets/postgresql-roles.ts';

export const accountSubject = (system: string, account: Account): Subject => ({
  system,
  kind: 'directory-account',
  names: account.names,
  rid: account.rid,
  domainController: account.domainController,
});

export const accountTarget = (system: string, { guid, name }: Account): PlannedTarget => ({
  system,
  identity: guid,
  name,
});

export const roleSubject = (system: string, { oid, name }: Role): Subject => ({
  system,
  kind: 'database-role',
  names: [name],
  oid,
});

export const roleTarget = (system: string, { cluster, oid, name }: Role): PlannedTarget => ({
  system,
  identity: `${cluster}/${oid}`,
  name,
});
