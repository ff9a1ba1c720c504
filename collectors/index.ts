/** Every collector; a test compares this list with the folder. */

import { acosSyslog } from './acos-syslog.ts';
import { alertmanager } from './alertmanager.ts';
import { chronyLog } from './chrony-log.ts';
import type { Collector } from './collector.ts';
import { described } from './described.ts';
import { directoryChanges } from './directory-changes.ts';
import { dnsServer } from './dns-server.ts';
import { dotnetApplication } from './dotnet-application.ts';
import { entraLogs } from './entra-logs.ts';
import { iisAccess } from './iis-access.ts';
import { itsmChanges } from './itsm-changes.ts';
import { javaApplication } from './java-application.ts';
import { kubernetesAudit } from './kubernetes-audit.ts';
import { linuxAudit } from './linux-audit.ts';
import { linuxBtmp } from './linux-btmp.ts';
import { linuxJournal } from './linux-journal.ts';
import { linuxSyslog } from './linux-syslog.ts';
import { linuxWtmp } from './linux-wtmp.ts';
import { mariadbAudit } from './mariadb-audit.ts';
import { mariadbError } from './mariadb-error.ts';
import { mariadbGeneral } from './mariadb-general.ts';
import { netbackup } from './netbackup.ts';
import { nginxAccess } from './nginx-access.ts';
import { nginxError } from './nginx-error.ts';
import { officeAudit } from './office-audit.ts';
import { oracleAlert } from './oracle-alert.ts';
import { oracleAudit } from './oracle-audit.ts';
import { oracleAuditFile } from './oracle-audit-file.ts';
import { oracleListener } from './oracle-listener.ts';
import { otlpLogs } from './otlp-logs.ts';
import { postgresql } from './postgresql.ts';
import { postgresqlCsvlog } from './postgresql-csvlog.ts';
import { postgresqlStderr } from './postgresql-stderr.ts';
import { postgresqlTable } from './postgresql-table.ts';
import { prometheusQuery } from './prometheus-query.ts';
import { radiusLog } from './radius-log.ts';
import { sambaAudit } from './samba-audit.ts';
import { sambaKdc } from './samba-kdc.ts';
import { shippedDocuments } from './shipped-documents.ts';
import { sqlserverAudit } from './sqlserver-audit.ts';
import { sqlserverErrorlog } from './sqlserver-errorlog.ts';
import { vigiaAudit } from './vigia-audit.ts';
import { vmwareSyslog } from './vmware-syslog.ts';
import { windowsDhcp } from './windows-dhcp.ts';
import { windowsEvtx } from './windows-evtx.ts';
import { windowsForwarded } from './windows-forwarded.ts';

export const collectors: readonly Collector[] = [
  sambaAudit,
  sambaKdc,
  directoryChanges,
  postgresql,
  postgresqlCsvlog,
  postgresqlStderr,
  postgresqlTable,
  linuxSyslog,
  linuxAudit,
  linuxJournal,
  linuxWtmp,
  linuxBtmp,
  mariadbAudit,
  mariadbError,
  mariadbGeneral,
  oracleAudit,
  oracleAuditFile,
  oracleListener,
  oracleAlert,
  sqlserverAudit,
  sqlserverErrorlog,
  nginxAccess,
  nginxError,
  javaApplication,
  dotnetApplication,
  described,
  shippedDocuments,
  otlpLogs,
  alertmanager,
  prometheusQuery,
  kubernetesAudit,
  officeAudit,
  entraLogs,
  dnsServer,
  vmwareSyslog,
  acosSyslog,
  netbackup,
  windowsEvtx,
  windowsForwarded,
  windowsDhcp,
  iisAccess,
  radiusLog,
  chronyLog,
  itsmChanges,
  vigiaAudit,
];
