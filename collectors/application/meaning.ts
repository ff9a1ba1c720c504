/**
 * What applications say, in words that rules know. An application that writes `event.action` itself decides for itself;
 * otherwise the beginning of the message does, in English or Portuguese. For other wording write a description
 * (collector `described`).
 */

export interface Meaning {
  action: string;
  category: readonly string[];
  type: readonly string[];
  outcome?: 'success' | 'failure';
}

const meaning = (
  action: string,
  category: string,
  type: readonly string[],
  outcome?: Meaning['outcome'],
): Meaning => ({ action, category: [category], type, ...(outcome === undefined ? {} : { outcome }) });

const batch = (what: string, type: string) => meaning(`payment-batch-${what}`, 'database', [type], 'success');

/** First match wins; all are anchored at the start, so that what a user typed further on decides nothing. */
const SAYINGS: readonly [RegExp, Meaning][] = [
  [
    /^(?:(?:user )?log-?in (?:failed|refused|denied|rejected)|failed log-?in|authentication fail|bad credentials|(?:autentica[çc][ãa]o|login) (?:falh|recus))/i,
    meaning('application-login', 'authentication', ['start'], 'failure'),
  ],
  [
    /^(?:(?:user )?log-?in (?:succe|ok|accepted)|authentication succe|(?:autentica[çc][ãa]o|login) (?:com sucesso|aceite))/i,
    meaning('application-login', 'authentication', ['start'], 'success'),
  ],
  [
    /^(?:user )?(?:log-?out|logged out|sess[ãa]o terminada)/i,
    meaning('application-logout', 'authentication', ['end'], 'success'),
  ],
  [
    /^(?:account locked|conta bloqueada)/i,
    meaning('application-account-locked', 'iam', ['user', 'change'], 'success'),
  ],
  [
    /^(?:password reset|palavra-passe reposta)/i,
    meaning('application-password-reset', 'iam', ['user', 'change'], 'success'),
  ],
  [
    /^(?:(?:role|permission) granted|perfil atribu[íi]do)/i,
    meaning('application-role-granted', 'iam', ['user', 'change'], 'success'),
  ],
  [
    /^(?:(?:role|permission) revoked|perfil retirado)/i,
    meaning('application-role-revoked', 'iam', ['user', 'change'], 'success'),
  ],
  [
    /^(?:access denied|acesso negado|forbidden)/i,
    meaning('application-access-denied', 'web', ['access'], 'failure'),
  ],
  [
    /^(?:rejected|refused|blocked) (?:header|request|parameter|upload)/i,
    meaning('application-request-rejected', 'web', ['access'], 'failure'),
  ],
  [
    /^(?:session (?:used|resumed)|sess[ãa]o usada)/i,
    meaning('application-session-used', 'session', ['info'], 'success'),
  ],
  [/^(?:export(?:ed|ado|a[çc][ãa]o))\b/i, meaning('records-exported', 'database', ['access'], 'success')],
  [
    /^(?:(?:citizen|beneficiary|contributor|pensioner) record (?:read|viewed|opened)|(?:ficha|registo) de (?:benefici[áa]rio|cidad[ãa]o) (?:lid|consultad))/i,
    meaning('citizen-record-read', 'database', ['access'], 'success'),
  ],
  [/^(?:(?:payment )?batch created|lote (?:de pagamentos )?criado)/i, batch('created', 'creation')],
  [
    /^(?:(?:payment )?batch (?:changed|updated|modified)|lote (?:de pagamentos )?alterado)/i,
    batch('changed', 'change'),
  ],
  [/^(?:(?:payment )?batch approved|lote (?:de pagamentos )?aprovado)/i, batch('approved', 'change')],
  [
    /^(?:(?:payment )?batch (?:released|sent|paid)|lote (?:de pagamentos )?(?:libertado|enviado|pago))/i,
    batch('released', 'change'),
  ],
  [
    /^(?:(?:payment )?batch (?:cancelled|deleted)|lote (?:de pagamentos )?(?:anulado|apagado))/i,
    batch('cancelled', 'deletion'),
  ],
  [
    /^(?:(?:bank account|iban) (?:changed|updated)|(?:iban|conta banc[áa]ria) alterad)/i,
    meaning('bank-account-changed', 'database', ['change'], 'success'),
  ],
  [
    /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE) \//,
    meaning('application-http-request', 'web', ['access']),
  ],
];

/** Longest beginning that a saying needs. */
const LOOK_BYTES = 80;

export function meaningOf(message: string): Meaning | undefined {
  const start = message.slice(0, LOOK_BYTES);
  return SAYINGS.find(([pattern]) => pattern.test(start))?.[1];
}

/** The meaning of an action that the application names itself, where it is one of ours. */
export const meaningOfAction = (action: string): Meaning | undefined =>
  SAYINGS.find(([, one]) => one.action === action)?.[1];
