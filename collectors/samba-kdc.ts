/**
 * The Kerberos part of Samba's text log (debug class `kerberos:3`): ticket requests and results with their encryption types,
 * which no JSON class tells.
 *
 * | Samba says | Event (dataset `samba.kdc`) |
 * | --- | --- |
 * | AS-REQ / TGS-REQ … from … for … | `event.action` `kerberos-ticket-requested`, `kerberos-service-ticket-requested` |
 * | AS-REQ / TGS-REQ RESULT … | `event.action` `kerberos-ticket`, `kerberos-service-ticket`; `event.outcome`; `vigia.samba.kdc.status` |
 * | client | `user.name`, `user.domain` (the realm) |
 * | service | `vigia.samba.kdc.service`, `.service_realm` |
 * | etype=18/23 | `vigia.samba.kdc.reply_etype` 18, `.ticket_etype` 23 (RC4) |
 * | etypes= | `vigia.samba.kdc.client_etypes`: what the client offered |
 * | pa= | `vigia.samba.kdc.preauthentication`; `none` for a first ticket given without it |
 */
import { collector, type NormaliseContext } from './collector.ts';
import { normaliseSamba } from './samba/normalise.ts';
import { maskUnread } from './samba/secrets.ts';
import { continuesRecord, isJson } from './samba-audit.ts';

export const sambaKdc = collector({
  id: 'samba-kdc',
  title: 'Samba Kerberos log',
  summary:
    "Samba's main log file with debug class kerberos:3. Times in it carry no zone: the source's zone is assumed and flagged. " +
    'Other lines of the same file become events of dataset samba.log; JSON audit records in it are read like those of samba-audit.',
  guarantee:
    'Nothing is lost or doubled while the file is only appended to, rotated or truncated. A record is a header and the indented ' +
    'lines after it: the last record of a file waits for the next header, or for the end of reading.',
  datasets: [
    'samba.kdc',
    'samba.log',
    'samba.auth',
    'samba.dsdb',
    'samba.group',
    'samba.password',
    'samba.transaction',
  ],
  framing: { kind: 'lines', continues: continuesRecord, stands: isJson },
  normalise: (raw: Uint8Array, context: NormaliseContext) => normaliseSamba(raw, context),
  mask: maskUnread,
});
