/** Locks a PostgreSQL role: no logon, no powers, no memberships; open sessions lose superuser at once. */
import { roleAction } from '../role-action.ts';

export const postgresqlLockRole = roleAction({
  id: 'postgresql.lock-role',
  title: 'Lock a PostgreSQL role',
  changing: 'locking the role',
  scope: 'logon and powers',
  stays: [
    'the password (kept, so that undo restores the logon); objects that the role owns; rights granted to the role itself',
    'roles that are members of this role; sessions that are open go on without superuser until they are ended',
  ],
  undo:
    'restores flags, connection limit, expiry and memberships as found; a password that never expired comes back ' +
    "with VALID UNTIL 'infinity', which means the same",
  done: 'the role cannot log on, has no powers and no memberships',
});
