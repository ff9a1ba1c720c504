/**
 * The Linux audit log (auditd, `log_format` RAW or ENRICHED) becomes ECS events: all records of one kernel event are one
 * event, also when records of other events lie between them (reading/joined.ts says how, and what bounds it). Delivery: at
 * least once from files, ids by the position of the first record. Passwords in command lines are masked, in hexadecimal too.
 *
 * | auditd writes | Event |
 * | --- | --- |
 * | any `key=value` | `vigia.auditd.<key>`, as Sigma's auditd rules name them; several values become a list |
 * | types of the records | `vigia.auditd.type`; `event.action` is the leading one (`user-login`) or the system call (`execve`) |
 * | EXECVE, a0 … | `process.args`, `process.command_line`, `vigia.auditd.a0` … `a15` |
 * | auid, or the account that PAM names | `user.id`, `user.name`: who logged in |
 * | euid, or whom su and sudo name | `user.effective` |
 * | PATH | `file.path`, absolute; `vigia.auditd.name` holds both spellings of a relative name |
 */

import { toEvent } from './auditd/event.ts';
import { auditRecord, eventKey, recordType } from './auditd/fields.ts';
import { isLastRecord } from './auditd/kind.ts';
import { maskLines } from './auditd/secrets.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';

const utf8 = new TextDecoder('utf-8');
/** Type, time and number stand at the start of a line; the rest need not be decoded to join it. */
const HEAD_BYTES = 512;
const head = (line: Uint8Array): string => utf8.decode(line.subarray(0, HEAD_BYTES));

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const lines = maskLines(utf8.decode(raw).split('\n'));
  const records = lines.map(auditRecord).filter((record) => record !== undefined);
  if (records.length < lines.length || records.length === 0)
    return reject(
      'line does not start with "type=… msg=audit(seconds.millis:number):", as /var/log/audit/audit.log does',
    );
  return { event: toEvent(records, lines.join('\n'), context.host) };
}

export const linuxAudit = collector({
  id: 'linux-audit',
  title: 'Linux audit log',
  summary:
    'Reads audit.log of auditd: system calls with programs, arguments, files and addresses; logins, sessions and account changes of ' +
    'PAM and the account tools; changes to auditing itself.',
  guarantee:
    'Files: nothing lost, nothing doubled; a file read again gives the same events. Records of one event that lie more than 256 lines ' +
    'apart become two events, the second marked vigia.auditd.partial. An event that lacks its last record waits for as many lines, or ' +
    'a second of silence. What the kernel drops when its queue is full (backlog) is lost before it reaches the file.',
  datasets: ['linux.audit'],
  framing: {
    kind: 'lines',
    joins: {
      key: (line: Uint8Array) => eventKey(head(line)),
      last: (line: Uint8Array) => isLastRecord(recordType(head(line)) ?? ''),
    },
  },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array =>
    new TextEncoder().encode(maskLines(utf8.decode(raw).split('\n')).join('\n')),
});
