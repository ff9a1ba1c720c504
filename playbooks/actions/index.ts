/** Every action. To add one: a file in this folder, its test, and one line here. */
import type { Action } from '../action.ts';
import { directoryBlockDelegation } from './directory-block-delegation.ts';
import { directoryDisableAccount } from './directory-disable-account.ts';
import { directoryEnableAccount } from './directory-enable-account.ts';
import { directoryEndSessions } from './directory-end-sessions.ts';
import { directoryExpirePassword } from './directory-expire-password.ts';
import { directoryRemoveFromPrivilegedGroups } from './directory-remove-from-privileged-groups.ts';
import { directoryResetPassword } from './directory-reset-password.ts';
import { directoryRestoreMemberships } from './directory-restore-memberships.ts';
import { directoryUnlockAccount } from './directory-unlock-account.ts';
import { hostApplyUpdates } from './host-apply-updates.ts';
import { hostBlockAddress } from './host-block-address.ts';
import { hostCheckHealth } from './host-check-health.ts';
import { hostDrain } from './host-drain.ts';
import { hostEndSessions } from './host-end-sessions.ts';
import { hostIsolate } from './host-isolate.ts';
import { hostLockUser } from './host-lock-user.ts';
import { hostRestartStale } from './host-restart-stale.ts';
import { hostReturn } from './host-return.ts';
import { mariadbKillConnections } from './mariadb-kill-connections.ts';
import { mariadbLockAccount } from './mariadb-lock-account.ts';
import { mariadbRotateSecret } from './mariadb-rotate-secret.ts';
import { mariadbStripGrants } from './mariadb-strip-grants.ts';
import { personConfirm } from './person-confirm.ts';
import { personDo } from './person-do.ts';
import { postgresqlLockRole } from './postgresql-lock-role.ts';
import { postgresqlRotateSecret } from './postgresql-rotate-secret.ts';
import { postgresqlStripRole } from './postgresql-strip-role.ts';
import { postgresqlTerminateBackends } from './postgresql-terminate-backends.ts';

export const actions: readonly Action[] = [
  directoryDisableAccount,
  directoryRemoveFromPrivilegedGroups,
  directoryEndSessions,
  directoryBlockDelegation,
  directoryExpirePassword,
  directoryResetPassword,
  directoryUnlockAccount,
  directoryEnableAccount,
  directoryRestoreMemberships,
  postgresqlLockRole,
  postgresqlStripRole,
  postgresqlTerminateBackends,
  postgresqlRotateSecret,
  mariadbLockAccount,
  mariadbStripGrants,
  mariadbKillConnections,
  mariadbRotateSecret,
  hostLockUser,
  hostEndSessions,
  hostBlockAddress,
  hostIsolate,
  hostDrain,
  hostApplyUpdates,
  hostRestartStale,
  hostReturn,
  hostCheckHealth,
  personConfirm,
  personDo,
];
