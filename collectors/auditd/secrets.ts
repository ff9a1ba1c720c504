/**
 * Hides passwords in command lines of audit records, in hexadecimal too, before anything is parsed or stored.
 * Not hidden: what `maskSecrets` does not know, and a command line that the kernel cut inside a secret (PROCTITLE holds 128
 * bytes) unless the event has the whole of it (EXECVE), or the secret is printed by echo or printf.
 */
import { MASK, maskSecrets } from '../../core/secrets.ts';
import { type AuditRecord, auditRecord, type Field, toHex } from './fields.ts';

const TITLE_BYTES = 127;
const ARGUMENT = /^a\d{1,5}(?:\[\d{1,4}\])?$/;

const isCommand = (record: AuditRecord, { key }: Field): boolean =>
  (record.type === 'EXECVE' && ARGUMENT.test(key)) || key === 'cmd' || key === 'data' || key === 'proctitle';

/** What `maskSecrets` takes out of a command line, word by word; undefined when it cannot be told. */
function secretsIn(text: string): string[] | undefined {
  const masked = maskSecrets(text);
  if (masked === text) return [];
  const secrets: string[] = [];
  let at = 0;
  for (const part of masked.split(MASK)) {
    const next = part === '' && at > 0 ? text.length : text.indexOf(part, at);
    if (next < 0) return undefined;
    if (next > at) secrets.push(text.slice(at, next).replace(/^['"]|['"]$/g, ''));
    at = next + part.length;
  }
  return secrets.filter((secret) => secret !== '');
}

/** Looking for more than this many in every argument takes too long: then the arguments go whole. */
const MANY_SECRETS = 1_000;

const hide = (text: string, secrets: readonly string[]): string =>
  secrets.length > MANY_SECRETS
    ? MASK
    : secrets.reduce(
        (hidden, secret) =>
          hidden === secret ? MASK : secret.length >= 4 ? hidden.replaceAll(secret, MASK) : hidden,
        text,
      );

/** A title that the kernel cut may end inside a pipe that would have told the secret. */
const maskTitle = (title: string): string =>
  title.length >= TITLE_BYTES ? title.replace(/(\b(?:echo|printf)\b[ \0])[\s\S]*$/, `$1${MASK}`) : title;

/** Lines of one event, the same but for secrets. */
export function maskLines(lines: readonly string[]): string[] {
  const records = lines.map(auditRecord);
  const words = records.flatMap((record) =>
    record === undefined
      ? []
      : record.fields.filter((field) => isCommand(record, field)).map(({ value }) => value),
  );
  // Each value by itself (`sh -c '…'`), and the arguments of a program together (`-p secret`).
  const inWords = words.map((word) => secretsIn(word.replaceAll('\0', ' ')));
  const together = records.map((record) =>
    record?.type === 'EXECVE'
      ? secretsIn(
          record.fields
            .filter((field) => ARGUMENT.test(field.key))
            .map(({ value }) => maskSecrets(value))
            .join(' '),
        )
      : [],
  );
  const found = [...inWords, ...together].flatMap((some) => some ?? []).filter((secret) => secret !== MASK);
  const secrets = [...new Set(found)];
  const unclear = together.includes(undefined);
  return lines.map((line, index) => {
    const record = records[index];
    if (record === undefined) return maskSecrets(line);
    let text = '';
    let done = 0;
    for (const field of record.fields) {
      if (!isCommand(record, field)) continue;
      // Nothing is kept of arguments whose secret cannot be told apart.
      const whole = unclear && record.type === 'EXECVE' && field.key !== 'a0' ? MASK : field.value;
      const masked = hide(maskTitle(maskWords(whole)), secrets);
      if (masked === field.value) continue;
      text += line.slice(done, field.start) + toHex(masked);
      done = field.end;
    }
    return text + line.slice(done);
  });
}

/** Arguments of a title stand between NUL bytes; a mask must not take those away. */
const maskWords = (value: string): string => {
  const masked = maskSecrets(value);
  if (!value.includes('\0')) return masked;
  const spaced = value.replaceAll('\0', ' ');
  return maskSecrets(spaced) === spaced ? value : value.split('\0').map(maskSecrets).join('\0');
};
