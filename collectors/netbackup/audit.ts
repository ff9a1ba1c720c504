/**
 * One record of `nbauditreport -fmt DETAIL`. Source of the format: NetBackup Commands Reference Guide, nbauditreport, and NetBackup
 * Security and Encryption Guide, "Viewing the detailed NetBackup audit report" (keys in capitals, then a numbered table of changes).
 */
import { bsdTime, isoTime, type SyslogTime, type TimeContext } from '../syslog/time.ts';

export interface AuditReport {
  description: string;
  user?: string;
  domain?: string;
  time?: SyslogTime;
  category: string;
  action: string;
  reason?: string;
  /** Lines under DETAILS, with runs of blanks as one: `Retention Level 3 (one month) 0 (one week)`. */
  details: string[];
}

export const beginsAuditReport = (line: string): boolean => /^DESCRIPTION\s*:/.test(line);

const KEY = /^(DESCRIPTION|USER|TIMESTAMP|CATEGORY|ACTION|REASON|DETAILS)\s*:\s*(.*)$/;

/** `03/04/2026 10:00:00`, month first as the command's own options are, or with the name of the month. */
function timeOf(text: string, context: TimeContext): SyslogTime | undefined {
  const [, month, day, year, clock] = /^(\d{2})\/(\d{2})\/(\d{4}) (\d{2}:\d{2}:\d{2})$/.exec(text) ?? [];
  return year === undefined ? bsdTime(text, context) : isoTime(`${year}-${month}-${day} ${clock}`, context);
}

export function auditReport(record: string, context: TimeContext): AuditReport | string {
  const values: Record<string, string> = Object.create(null);
  const details: string[] = [];
  let isTable = false;
  for (const line of record.split(/\r?\n/)) {
    const [, key, value] = isTable ? [] : (KEY.exec(line) ?? []);
    if (key === 'DETAILS') isTable = true;
    if (key !== undefined) values[key] = value!.trim();
    else if (isTable && !/^\s*(?:ATTRIBUTE\s+OLD VALUE\s+NEW VALUE)?\s*$/.test(line))
      details.push(
        line
          .trim()
          .replace(/\s+/g, ' ')
          .replace(/^\d{1,4}\.? /, ''),
      );
  }
  const {
    DESCRIPTION: description,
    CATEGORY: category,
    ACTION: action,
    USER: user,
    TIMESTAMP,
    REASON,
  } = values;
  if (!description || !category || !action)
    return 'no record of nbauditreport -fmt DETAIL: DESCRIPTION, CATEGORY and ACTION are needed';
  const [, name, domain] = /^([^@]{1,128})@(.{1,255})$/.exec(user ?? '') ?? [];
  const time = TIMESTAMP === undefined ? undefined : timeOf(TIMESTAMP, context);
  return {
    description,
    category,
    action,
    details,
    ...(name === undefined ? (user ? { user } : {}) : { user: name, domain: domain! }),
    ...(time === undefined ? {} : { time }),
    ...(REASON ? { reason: REASON } : {}),
  };
}
