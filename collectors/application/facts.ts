/** Where the named values of a record go: those that rules know to fields, the others to `labels`. */
import { isIP } from 'node:net';
import { sessionHash } from './secrets.ts';

/** Field of a record → names under which applications write it, lower case; the first that is there counts. */
const NAMES = {
  user: [
    'user',
    'username',
    'user.name',
    'userid',
    'user_id',
    'utilizador',
    'by',
    'por',
    'actor',
    'principal',
  ],
  target: ['to', 'target', 'target_user', 'para'],
  address: ['ip', 'client_ip', 'clientip', 'remote_addr', 'remoteipaddress', 'source.ip', 'client.ip', 'src'],
  status: ['status', 'statuscode', 'http.response.status_code'],
  millis: ['ms', 'elapsed', 'elapsedmilliseconds', 'duration_ms'],
  reason: ['reason', 'motivo'],
  role: ['role', 'perfil', 'permission'],
  object: ['table', 'entity', 'object', 'tabela'],
  rows: ['rows', 'records', 'count', 'registos', 'linhas'],
  subject: ['niss', 'nif', 'citizen', 'beneficiary', 'contributor', 'pensioner', 'beneficiario', 'subject'],
  batch: ['batch', 'batch_id', 'batchid', 'lote'],
  author: ['author', 'created_by', 'autor'],
  amount: ['amount', 'total', 'montante', 'valor'],
  session: ['session', 'session_id', 'sessionid', 'sid', 'jsessionid', 'jti'],
} as const;

export type FactName = keyof typeof NAMES;
export type Facts = { readonly [name in FactName]?: string };

const OWNER = new Map<string, FactName>(
  (Object.entries(NAMES) as [FactName, readonly string[]][]).flatMap(([fact, names]) =>
    names.map((name): [string, FactName] => [name, fact]),
  ),
);

export function factsOf(values: Readonly<Record<string, string>>): {
  facts: Facts;
  labels: Record<string, string>;
} {
  const facts: { [name in FactName]?: string } = {};
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const fact = OWNER.get(name.toLowerCase());
    if (fact === undefined) labels[name.replaceAll('.', '_')] = value;
    else facts[fact] ??= value;
  }
  if (facts.session !== undefined && !facts.session.startsWith('session:'))
    facts.session = sessionHash(facts.session);
  return { facts, labels };
}

/** A number as applications write it, `48210` or `1234.50`; undefined for anything else. */
export const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?\d{1,15}(?:\.\d{1,6})?$/.test(text) ? Number(text) : undefined;

/** An address, also with a port or in brackets: `192.0.2.7`, `192.0.2.7:51000`, `[2001:db8::7]:51000`. */
export function addressOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (isIP(text) > 0) return text;
  const [, bracketed, plain] = /^(?:\[([^\]]{2,45})\](?::\d{1,5})?|([\d.]{7,15}):\d{1,5})$/.exec(text) ?? [];
  const bare = bracketed ?? plain;
  return bare !== undefined && isIP(bare) > 0 ? bare : undefined;
}
