/** Samba's `Authentication` and `Authorization` records: who proved who they are, and which session began. */
import type { Draft } from '../../core/event.ts';
import { account, type Endpoint, endpoint } from './names.ts';
import { type Json, number, present, text, unique } from './record.ts';

const protocols: Readonly<Record<string, string>> = {
  SMB: 'smb',
  SMB2: 'smb',
  LDAP: 'ldap',
  'LDAP Password Change': 'ldap',
  'Kerberos KDC': 'kerberos',
  kpasswd: 'kerberos',
  'DCE/RPC': 'dce_rpc',
  'SAMR Password Change': 'dce_rpc',
  winbind: 'winbind',
};

export function authentication(body: Json): Draft {
  const status = text(body['status']);
  const succeeded = status === 'NT_STATUS_OK';
  const client = account(text(body['clientAccount']));
  const mapped = account(text(body['mappedAccount']));
  const duration = number(body['duration']);
  const ends = connection(body);
  const user = present({
    name: text(body['becameAccount']) ?? mapped.name ?? client.name,
    domain:
      text(body['becameDomain']) ?? text(body['mappedDomain']) ?? client.domain ?? text(body['clientDomain']),
    id: text(body['becameSid']),
  });
  return {
    event: {
      kind: 'event',
      category: ['authentication'],
      type: ['start'],
      action: succeeded ? 'logged-in' : 'logon-failed',
      outcome: status === undefined ? 'unknown' : succeeded ? 'success' : 'failure',
      dataset: 'samba.auth',
      ...present({
        code: text(body['eventId']),
        reason: succeeded ? undefined : status,
        // Samba counts microseconds, ECS nanoseconds.
        duration: duration === undefined ? undefined : duration * 1_000,
      }),
    },
    ...ends,
    ...present({ user }),
    related: present({ user: unique([user.name, client.name, user.id]), ip: addresses(ends) }),
    vigia: {
      logsource: { product: 'samba', service: 'auth' },
      samba: present({
        type: 'Authentication',
        status,
        service: text(body['serviceDescription']),
        method: text(body['authDescription']),
        logon_type: number(body['logonType']),
        logon_id: text(body['logonId']),
        password_type: text(body['passwordType']),
        workstation: text(body['workstation']),
        client_account: text(body['clientAccount']),
        client_domain: text(body['clientDomain']),
        netlogon_computer: text(body['netlogonComputer']),
        netlogon_account: text(body['netlogonTrustAccount']),
      }),
    },
  };
}

export function authorization(body: Json): Draft {
  const ends = connection(body);
  const user = present({ name: text(body['account']), domain: text(body['domain']), id: text(body['sid']) });
  return {
    event: {
      kind: 'event',
      category: ['session'],
      type: ['start'],
      action: 'session-authorized',
      outcome: 'success',
      dataset: 'samba.auth',
    },
    ...ends,
    ...present({ user }),
    related: present({ user: unique([user.name, user.id]), ip: addresses(ends) }),
    vigia: {
      logsource: { product: 'samba', service: 'auth' },
      samba: present({
        type: 'Authorization',
        service: text(body['serviceDescription']),
        method: text(body['authType']),
        session_id: text(body['sessionId']),
        logon_server: text(body['logonServer']),
        transport: text(body['transportProtection']),
        account_flags_raw: text(body['accountFlags']),
      }),
    },
  };
}

interface Ends {
  source?: Endpoint;
  destination?: Endpoint;
  network?: { protocol?: string };
}

/** Both ends of the connection; shared by all record types that name them. */
export function connection(body: Json): Ends {
  const service = text(body['serviceDescription']) ?? '';
  const protocol = Object.hasOwn(protocols, service) ? protocols[service] : undefined;
  return present({
    source: endpoint(text(body['remoteAddress'])),
    destination: endpoint(text(body['localAddress'])),
    network: present({ protocol }),
  });
}

export const addresses = ({ source, destination }: Ends): string[] => unique([source?.ip, destination?.ip]);
