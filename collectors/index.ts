/** Every collector; a test compares this list with the folder. */

import { acosSyslog } from './acos-syslog.ts';
import type { Collector } from './collector.ts';
import { dnsServer } from './dns-server.ts';
import { entraLogs } from './entra-logs.ts';
import { linuxAudit } from './linux-audit.ts';
import { linuxSyslog } from './linux-syslog.ts';
import { mariadbAudit } from './mariadb-audit.ts';
import { netbackup } from './netbackup.ts';
import { nginxAccess } from './nginx-access.ts';
import { officeAudit } from './office-audit.ts';
import { postgresql } from './postgresql.ts';
import { sambaAudit } from './samba-audit.ts';
import { sambaKdc } from './samba-kdc.ts';
import { vmwareSyslog } from './vmware-syslog.ts';
import { windowsEvtx } from './windows-evtx.ts';

export const collectors: readonly Collector[] = [
  sambaAudit,
  sambaKdc,
  postgresql,
  linuxSyslog,
  linuxAudit,
  mariadbAudit,
  nginxAccess,
  officeAudit,
  entraLogs,
  dnsServer,
  vmwareSyslog,
  acosSyslog,
  netbackup,
  windowsEvtx,
];
