/** Every recorded sample file: which collector reads it here, or why it is not judged. */
import type { Collector } from '../../collectors/collector.ts';
import { linuxAudit } from '../../collectors/linux-audit.ts';
import { linuxSyslog } from '../../collectors/linux-syslog.ts';
import { mariadbAudit } from '../../collectors/mariadb-audit.ts';
import { nginxAccess } from '../../collectors/nginx-access.ts';
import { postgresql } from '../../collectors/postgresql.ts';
import { sambaAudit } from '../../collectors/samba-audit.ts';
import { sambaKdc } from '../../collectors/samba-kdc.ts';
import type { SampleFile } from './detect.ts';

const by = (dataset: string, collector: Collector, ...files: string[]): SampleFile[] =>
  files.map((file) => ({ dataset, file, collector }));

/** Files that together tell a scenario once: the others tell the same in another form. */
export const told: readonly SampleFile[] = [
  ...by(
    'samba-ad',
    sambaAudit,
    'auth.jsonl',
    'dsdb.jsonl',
    'group.jsonl',
    'password.jsonl',
    'transaction.jsonl',
  ),
  ...by('samba-ad', sambaKdc, 'kdc-text.log'),
  ...by('postgresql', postgresql, 'postgresql.json.jsonl'),
  ...by('mariadb', mariadbAudit, 'server_audit.log'),
  ...by('nginx', nginxAccess, 'json.log'),
  ...by('linux', linuxSyslog, 'all-rfc5424.log'),
  ...by('linux', linuxAudit, 'audit.log'),
];

/** Read too, and judged beside their collectors. */
export const retold: readonly SampleFile[] = [
  ...by('samba-ad', sambaAudit, 'mixed-single-file.log'),
  ...by('nginx', nginxAccess, 'access.log', 'vhost.log'),
  ...by('linux', linuxSyslog, 'auth.log', 'auth-iso.log', 'syslog', 'syslog-udp-rfc3164.raw'),
];

/** What is not judged here, with the reason; none of the labels is told by these alone. */
export const unread: Readonly<Record<string, string>> = {
  'app/dotnet-clef.jsonl': 'no label tells of it; tested with the collector of application logs',
  'app/dotnet-console.log': 'no label tells of it; tested with the collector of application logs',
  'app/java-ecs-json.jsonl': 'no label tells of it; tested with the collector of application logs',
  'app/java-log4j-pattern.log': 'no label tells of it; tested with the collector of application logs',
  'app/java-spring-boot.log': 'no label tells of it; tested with the collector of application logs',
  'linux/audit-laurel.jsonl': 'the records of audit.log in the JSON of another tool',
  'linux/btmp': 'binary login records; sshd and PAM tell the same in auth.log',
  'linux/wtmp': 'binary login records; sshd and PAM tell the same in auth.log',
  'linux/journal.export': 'the messages of auth.log and syslog, as the journal exports them',
  'linux/journal.jsonl': 'the messages of auth.log and syslog, as the journal exports them',
  'linux/sudo.log': 'the file of sudo itself; auth.log holds the same commands',
  'linux/syslog-tcp-newline.raw':
    'the same messages as a TCP stream; read by listening, tested with the framing',
  'linux/syslog-tcp-octet-counted.raw':
    'the same messages as a TCP stream; read by listening, tested with the framing',
  'mariadb/error.log': 'no label tells of it; tested with its collector',
  'mariadb/general.log': 'the statements of the audit log; tested with its collector',
  'nginx/error.log': 'no label tells of it; tested with its collector',
  'openldap/auditlog.ldif': 'no label tells of it; the directory of this house is Active Directory',
  'openldap/slapd-stats.log': 'no label tells of it; the directory of this house is Active Directory',
  'postgresql/postgresql-stderr.log': 'the same records as text; tested with the collector',
  'postgresql/postgresql.csv': 'the same records as CSV; tested with the collector',
  'prometheus/alertmanager-api-v2-alerts.json': 'answers of monitoring, not logs',
  'prometheus/alertmanager-webhook.jsonl': 'answers of monitoring, not logs',
  'prometheus/api-v1-alerts.json': 'answers of monitoring, not logs',
  'prometheus/api-v1-rules.json': 'answers of monitoring, not logs',
};
