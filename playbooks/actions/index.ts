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
import { entraDisableAccount } from './entra-disable-account.ts';
import { entraPurgeMessage } from './entra-purge-message.ts';
import { entraRevokeSessions } from './entra-revoke-sessions.ts';
import { evidenceExportSearch } from './evidence-export-search.ts';
import { hostApplyUpdates } from './host-apply-updates.ts';
import { hostBlockAddress } from './host-block-address.ts';
import { hostCheckHealth } from './host-check-health.ts';
import { hostCollectEvidence } from './host-collect-evidence.ts';
import { hostDrain } from './host-drain.ts';
import { hostEndSessions } from './host-end-sessions.ts';
import { hostIsolate } from './host-isolate.ts';
import { hostLockUser } from './host-lock-user.ts';
import { hostReboot } from './host-reboot.ts';
import { hostRestartStale } from './host-restart-stale.ts';
import { hostReturn } from './host-return.ts';
import { httpCall } from './http-call.ts';
import { itsmOpenTicket } from './itsm-open-ticket.ts';
import { kubernetesCordonNode } from './kubernetes-cordon-node.ts';
import { kubernetesDeletePod } from './kubernetes-delete-pod.ts';
import { kubernetesRevokeBinding } from './kubernetes-revoke-binding.ts';
import { kubernetesScaleToZero } from './kubernetes-scale-to-zero.ts';
import { mariadbKillConnections } from './mariadb-kill-connections.ts';
import { mariadbLockAccount } from './mariadb-lock-account.ts';
import { mariadbRotateSecret } from './mariadb-rotate-secret.ts';
import { mariadbStripGrants } from './mariadb-strip-grants.ts';
import { notifyMail } from './notify-mail.ts';
import { notifyOnCall } from './notify-on-call.ts';
import { notifyWebhook } from './notify-webhook.ts';
import { oracleKillSessions } from './oracle-kill-sessions.ts';
import { oracleLockAccount } from './oracle-lock-account.ts';
import { oracleRotateSecret } from './oracle-rotate-secret.ts';
import { oracleStripGrants } from './oracle-strip-grants.ts';
import { pamEndAccess } from './pam-end-access.ts';
import { pamEndRecordedSessions } from './pam-end-recorded-sessions.ts';
import { pamExpireStanding } from './pam-expire-standing.ts';
import { personConfirm } from './person-confirm.ts';
import { personDo } from './person-do.ts';
import { postgresqlLockRole } from './postgresql-lock-role.ts';
import { postgresqlRotateSecret } from './postgresql-rotate-secret.ts';
import { postgresqlStripRole } from './postgresql-strip-role.ts';
import { postgresqlTerminateBackends } from './postgresql-terminate-backends.ts';
import { sqlserverDisableLogin } from './sqlserver-disable-login.ts';
import { sqlserverKillSessions } from './sqlserver-kill-sessions.ts';
import { sqlserverRotateSecret } from './sqlserver-rotate-secret.ts';
import { sqlserverStripLogin } from './sqlserver-strip-login.ts';
import { vaultRevokeLeases } from './vault-revoke-leases.ts';

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
  oracleLockAccount,
  oracleStripGrants,
  oracleKillSessions,
  oracleRotateSecret,
  sqlserverDisableLogin,
  sqlserverStripLogin,
  sqlserverKillSessions,
  sqlserverRotateSecret,
  hostLockUser,
  hostEndSessions,
  hostCollectEvidence,
  evidenceExportSearch,
  hostBlockAddress,
  hostIsolate,
  vaultRevokeLeases,
  pamEndAccess,
  pamEndRecordedSessions,
  pamExpireStanding,
  entraDisableAccount,
  entraRevokeSessions,
  entraPurgeMessage,
  kubernetesCordonNode,
  kubernetesScaleToZero,
  kubernetesDeletePod,
  kubernetesRevokeBinding,
  httpCall,
  notifyMail,
  notifyWebhook,
  notifyOnCall,
  itsmOpenTicket,
  hostDrain,
  hostApplyUpdates,
  hostRestartStale,
  hostReboot,
  hostReturn,
  hostCheckHealth,
  personConfirm,
  personDo,
];
