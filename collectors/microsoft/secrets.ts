/** Hides passwords and keys in a record of a Microsoft service: values whose name tells, and secrets inside texts. */
import { MASK, maskSecrets } from '../../core/secrets.ts';

const SECRET =
  /password(?!.*(?:polic|expir|never|changed?$))|passphrase|secret(?!ary)|private_?key|\bcredentials?$/i;

/** The value with secrets replaced; names of properties are kept. `{Name: 'Password', Value: 'x'}` counts as one too. */
export function masked(value: unknown): unknown {
  return JSON.parse(maskedText(value)) as unknown;
}

/** The same as JSON text. */
export const maskedText = (value: unknown): string =>
  JSON.stringify(value, function (this: unknown, key, inner: unknown) {
    if (typeof inner !== 'string') return inner;
    const name = key === '' ? '' : /^(?:value|newvalue|oldvalue)$/i.test(key) ? nameBeside(this) : key;
    return SECRET.test(name) && inner !== '' ? MASK : maskSecrets(inner);
  });

function nameBeside(pair: unknown): string {
  if (typeof pair !== 'object' || pair === null) return '';
  const { Name, displayName, key } = pair as Record<string, unknown>;
  return String(Name ?? displayName ?? key ?? '');
}
