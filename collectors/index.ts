/** Every collector; a test compares this list with the folder. */
import type { Collector } from './collector.ts';
import { described } from './described.ts';
import { dotnetApplication } from './dotnet-application.ts';
import { javaApplication } from './java-application.ts';
import { kubernetesAudit } from './kubernetes-audit.ts';
import { linuxAudit } from './linux-audit.ts';
import { linuxSyslog } from './linux-syslog.ts';
import { mariadbAudit } from './mariadb-audit.ts';
import { nginxAccess } from './nginx-access.ts';
import { nginxError } from './nginx-error.ts';
import { postgresql } from './postgresql.ts';
import { sambaAudit } from './samba-audit.ts';
import { sambaKdc } from './samba-kdc.ts';
import { windowsEvtx } from './windows-evtx.ts';

export const collectors: readonly Collector[] = [
  sambaAudit,
  sambaKdc,
  postgresql,
  linuxSyslog,
  linuxAudit,
  mariadbAudit,
  nginxAccess,
  nginxError,
  javaApplication,
  dotnetApplication,
  described,
  kubernetesAudit,
  windowsEvtx,
];
