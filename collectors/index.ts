/** Every collector; a test compares this list with the folder. */
import type { Collector } from './collector.ts';
import { linuxSyslog } from './linux-syslog.ts';
import { postgresql } from './postgresql.ts';
import { sambaAudit } from './samba-audit.ts';
import { sambaKdc } from './samba-kdc.ts';
import { windowsEvtx } from './windows-evtx.ts';

export const collectors: readonly Collector[] = [sambaAudit, sambaKdc, postgresql, linuxSyslog, windowsEvtx];
