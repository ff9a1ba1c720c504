/** Reads the Kerberos lines of Samba's text log (debug class `kerberos:3`): requests, results, encryption types. */
import type { Draft } from '../../core/event.ts';
import { account, endpoint } from './names.ts';
import { present, unique } from './record.ts';

/** A principal; Heimdal writes a blank inside a name as backslash and blank. */
const principal = String.raw`((?:\\.|[^\s\\]){1,1024})`;
const request = new RegExp(
  `^(AS|TGS)-REQ ${principal} from (\\S{1,100}) for ${principal}(?: \\[([^\\]]{0,300})\\])?`,
  's',
);
const result = new RegExp(
  `^(AS|TGS)-REQ ([A-Z][A-Z0-9_]{1,60}) (ipv[46]:\\S{1,100}) ${principal} ${principal}(?: (.*))?$`,
  's',
);
const aboutName = new RegExp(`^(.{1,200}?) -- ${principal}`, 's');

/** The body of a Kerberos line after `Kerberos: `; a line of any other form stays an event with its message. */
export function kdcEvent(line: string): Draft {
  const done = result.exec(line);
  if (done) return ofResult(done);
  const asked = request.exec(line);
  if (asked) return ofRequest(asked);
  const about = aboutName.exec(line);
  const failed = about ? /^(?:Failed to decrypt PA-DATA|UNKNOWN)$/.exec(about[1]!) : null;
  return draft({
    action: failed ? 'kerberos-preauthentication-failed' : 'kerberos-message',
    outcome: 'unknown',
    type: 'info',
    user: about?.[2],
    kdc: { step: about?.[1] },
  });
}

function ofRequest(found: RegExpExecArray): Draft {
  return draft({
    action: found[1] === 'AS' ? 'kerberos-ticket-requested' : 'kerberos-service-ticket-requested',
    outcome: 'unknown',
    type: 'info',
    user: found[2],
    address: found[3],
    service: found[4],
    kdc: { type: `${found[1]}-REQ`, step: 'request', flags: list(found[5], ', ') },
  });
}

/** Answers that are a normal step of a good logon, not a failed one. */
const normalSteps = new Set(['ERR_PREAUTH_REQUIRED', 'KRB5KRB_ERR_RESPONSE_TOO_BIG']);

function ofResult(found: RegExpExecArray): Draft {
  const status = found[2]!;
  const facts = readFacts(found[6] ?? '');
  const asReq = found[1] === 'AS';
  const success = status === 'SUCCESS';
  // "etype=18/23": key of the reply, then key of the ticket. The second is what an offline attack works on.
  const etypes = /^(\d{1,4})\/(\d{1,4})$/.exec(facts.get('etype') ?? '');
  return draft({
    action: asReq ? 'kerberos-ticket' : 'kerberos-service-ticket',
    outcome: success ? 'success' : normalSteps.has(status) ? 'unknown' : 'failure',
    type: success || !normalSteps.has(status) ? 'start' : 'info',
    reason: success ? undefined : (facts.get('reason') ?? status),
    user: found[4],
    address: found[3],
    service: found[5],
    kdc: {
      type: `${found[1]}-REQ`,
      step: 'result',
      status,
      reply_etype: etypes ? Number(etypes[1]) : undefined,
      ticket_etype: etypes ? Number(etypes[2]) : undefined,
      client_etypes: (list(facts.get('etypes'), ',') ?? []).map(Number).filter(Number.isSafeInteger),
      preauthentication: asReq && success ? (facts.get('pa') ?? 'none') : facts.get('pa'),
      flags: list(facts.get('flags'), ','),
      impersonated: facts.get('s4u_client_name') ?? facts.get('impersonatee'),
    },
  });
}

/** `name=value` pairs; words without `=` belong to the value before them, and `\s` stands for a blank. */
function readFacts(written: string): Map<string, string> {
  const facts = new Map<string, string>();
  let last: string | undefined;
  for (const word of written.split(' ')) {
    const found = /^([a-z][a-z0-9_-]{0,40})=(.*)$/s.exec(word);
    if (found) {
      last = found[1]!;
      facts.set(last, found[2]!.replaceAll('\\s', ' '));
    } else if (last !== undefined && word !== '') facts.set(last, `${facts.get(last)} ${word}`);
  }
  return facts;
}

const list = (written: string | undefined, separator: string): string[] | undefined =>
  written === undefined || written === '' ? undefined : written.split(separator);

interface KdcFacts {
  action: string;
  outcome: 'success' | 'failure' | 'unknown';
  type: 'start' | 'info';
  reason?: string | undefined;
  user?: string | undefined;
  address?: string | undefined;
  service?: string | undefined;
  kdc: Record<string, unknown>;
}

function draft(facts: KdcFacts): Draft {
  const source = endpoint(facts.address);
  const user = present(account(facts.user));
  const service = account(facts.service);
  return {
    event: {
      kind: 'event',
      category: ['authentication'],
      type: [facts.type],
      action: facts.action,
      outcome: facts.outcome,
      dataset: 'samba.kdc',
      ...present({ reason: facts.reason }),
    },
    ...present({ user, source, network: { protocol: 'kerberos' } }),
    related: present({ user: unique([user.name]), ip: unique([source?.ip]) }),
    vigia: {
      logsource: { product: 'samba', service: 'kdc' },
      samba: present({
        type: 'kdc',
        kdc: present({ ...facts.kdc, service: service.name, service_realm: service.domain }),
      }),
    },
  };
}
