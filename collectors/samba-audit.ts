/**
 * Samba AD audit records become ECS events: logons, sessions, directory, group and password changes, transactions.
 *
 * | Samba says | Event |
 * | --- | --- |
 * | type of the record | `event.dataset`: `samba.auth`, `.dsdb`, `.group`, `.password`, `.transaction`; text lines `samba.log` |
 * | eventId | `event.code` (4624, 4625, 4723, 4724, 4728 …), as Windows numbers them |
 * | status, statusCode | `event.outcome`, `event.reason`, `vigia.samba.status`, `.status_code` |
 * | remoteAddress, localAddress | `source.ip/port`, `destination.ip/port` |
 * | becameAccount, else mappedAccount | `user.name`, `user.domain`, `user.id` |
 * | userSid | `user.id`: who did it. The record has no name, and none is guessed |
 * | dn, user (of a group change) | `user.target.name` or `group.name`: first part of the name; whole in `vigia.samba.dn`, `.group_dn`, `.member_dn` |
 * | attributes | names in `vigia.samba.attributes`, values in `vigia.samba.added.<name>` and `.removed.<name>`, names in lower case; never of secrets |
 * | userAccountControl | flags by name in `vigia.samba.account_flags.now`, `.turned_on`, `.turned_off` |
 */
import { collector, type NormaliseContext } from './collector.ts';
import { normaliseSamba } from './samba/normalise.ts';
import { maskUnread } from './samba/secrets.ts';

const blank = (byte: number | undefined) => byte === 0x20 || byte === 0x09;

/** An indented line belongs to the header before it, unless it is a JSON record: those come indented too. */
export function continuesRecord(line: Uint8Array): boolean {
  if (!blank(line[0])) return false;
  return !isJson(line);
}

/** JSON records are whole in one line. */
export const isJson = (line: Uint8Array): boolean => line.find((byte) => !blank(byte)) === 0x7b;

export const sambaAudit = collector({
  id: 'samba-audit',
  title: 'Samba AD audit',
  summary:
    'The JSON audit classes of a Samba AD domain controller (auth, dsdb, dsdb_group, dsdb_password, dsdb_transaction), each in a file ' +
    'of its own or all in one log file together with text lines. Switch the JSON classes on: the text classes become searchable ' +
    'events of dataset samba.log, which the detection rules do not count.',
  guarantee:
    'Nothing is lost or doubled while the file is only appended to, rotated or truncated. Samba writes these files without ' +
    'synchronising them to disk: records of the last moments before a power cut of the domain controller may never reach the file. ' +
    'A file that holds both JSON and text classes tells each fact twice, under two datasets.',
  datasets: [
    'samba.auth',
    'samba.dsdb',
    'samba.group',
    'samba.password',
    'samba.transaction',
    'samba.kdc',
    'samba.log',
  ],
  framing: { kind: 'lines', continues: continuesRecord, stands: isJson },
  normalise: (raw: Uint8Array, context: NormaliseContext) => normaliseSamba(raw, context),
  mask: maskUnread,
});
