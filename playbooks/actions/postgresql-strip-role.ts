/** Takes powers and memberships from a PostgreSQL role that may still log on: for somebody who keeps the work and loses the privilege. */
import { roleAction } from '../role-action.ts';

export const postgresqlStripRole = roleAction({
  id: 'postgresql.strip-role',
  title: 'Take powers and memberships from a PostgreSQL role',
  changing: 'stripping the role',
  scope: 'powers',
  stays: [
    'the logon and the password; objects that the role owns; rights granted to the role itself',
    'sessions that are open: they lose superuser and memberships at once, but keep what they had already read',
  ],
  undo: 'restores flags and memberships as found',
  done: 'the role has no powers and no memberships; it may still log on if it could before',
});
