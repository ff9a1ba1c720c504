/** Keeps password material out of events: Samba redacts most of it, but not, for instance, LAPS passwords. */
import { isJson, type Json } from './record.ts';

const secretNames = new Set(
  [
    'unicodePwd',
    'clearTextPassword',
    'userPassword',
    'dBCSPwd',
    'ntPwdHistory',
    'lmPwdHistory',
    'unixUserPassword',
    'supplementalCredentials',
    'initialAuthIncoming',
    'initialAuthOutgoing',
    'trustAuthIncoming',
    'trustAuthOutgoing',
    'currentValue',
    'priorValue',
    'msDS-ManagedPassword',
    'msDS-ExecuteScriptPassword',
    'ms-Mcs-AdmPwd',
    'msLAPS-Password',
    'msLAPS-EncryptedPassword',
    'msLAPS-EncryptedPasswordHistory',
    'msLAPS-EncryptedDSRMPassword',
    'msLAPS-EncryptedDSRMPasswordHistory',
    'msFVE-RecoveryPassword',
    'msFVE-KeyPackage',
    'pekList',
  ].map((name) => name.toLowerCase()),
);

export const isSecret = (attribute: string): boolean => secretNames.has(attribute.toLowerCase());

/** The record with values of secret attributes taken out, or the same object when there were none. */
export function withoutSecrets(record: Json): Json {
  const change = record['dsdbChange'];
  if (!isJson(change) || !isJson(change['attributes'])) return record;
  let found = false;
  const attributes = Object.entries(change['attributes']).map(([name, attribute]): [string, unknown] => {
    const actions = isJson(attribute) ? attribute['actions'] : undefined;
    const harmless =
      Array.isArray(actions) && actions.every((one) => isJson(one) && one['values'] === undefined);
    if (!isSecret(name) || harmless) return [name, attribute];
    found = true;
    const kept = (Array.isArray(actions) ? actions : []).filter(isJson).map((one) => ({
      action: typeof one['action'] === 'string' ? one['action'] : 'unknown',
      redacted: true,
    }));
    return [name, { actions: kept }];
  });
  return found
    ? { ...record, dsdbChange: { ...change, attributes: Object.fromEntries(attributes) } }
    : record;
}

const redacted = '[REDACTED SECRET ATTRIBUTE]';
const inText = new RegExp(`\\b(${[...secretNames].join('|')}) \\[`, 'gi');

/**
 * Text records write `replace: name [value]`. A value may itself hold brackets, so everything after the first
 * unredacted secret is cut off rather than guessed at.
 */
export function textWithoutSecrets(line: string): string {
  for (const found of line.matchAll(inText)) {
    const at = found.index + found[0].length - 1;
    if (!line.startsWith(redacted, at)) return `${line.slice(0, at)}[masked, rest of the line removed]`;
  }
  return line;
}

const anySecret = new RegExp(`\\b(?:${[...secretNames].join('|')})\\b`, 'i');

/** For records that cannot be read: everything after the first name of a secret attribute goes, whatever follows. */
export function maskUnread(raw: Uint8Array): Uint8Array {
  const written = new TextDecoder().decode(raw);
  const found = anySecret.exec(written);
  if (!found) return raw;
  return new TextEncoder().encode(
    `${written.slice(0, found.index + found[0].length)} [masked, rest of the record removed]`,
  );
}
