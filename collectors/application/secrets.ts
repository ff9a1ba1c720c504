/**
 * Hides passwords, tokens, session ids and citizens' identifiers in a record of an application before it is taken apart.
 * Session ids become hashes, so that two uses of one session can still be told to be the same. Not hidden: secrets in
 * places whose name does not tell. A session id that can be guessed (a counter) can be guessed from its hash.
 */
import { sha256 } from '../../core/ids.ts';
import { maskIdentifiers, type Pseudonym } from '../../core/personal-data.ts';
import { MASK, maskSecrets } from '../../core/secrets.ts';
import { isObject, parseObject } from '../json/parse-object.ts';

const SESSION_NAME = String.raw`(?:session_?(?:id)?|sid|jsessionid|asp\.net_sessionid|jti)`;
const SESSION = new RegExp(String.raw`(?<![\w.-])(${SESSION_NAME}"?[=:] ?"?)([\w.~+/=-]{4,256})`, 'gi');
/** Headers in JSON that cannot be parsed; values run to their quote or to the end. */
const HEADER = /("(?:authorization|(?:set-)?cookie)"\s?:\s?)"(?:[^"\\]|\\.)*"?/gi;
const IS_SESSION = new RegExp(`^${SESSION_NAME}$`, 'i');
const IS_SECRET =
  /passw(?:or)?d|passphrase|secret|token$|api_?-?key|private_?-?key|^authorization$|^cookie$/i;

/** What a session id is kept as. */
export const sessionHash = (id: string): string => `session:${sha256(id).slice(0, 16)}`;

const hide = (text: string, pseudonym: Pseudonym | undefined): string =>
  maskIdentifiers(
    maskSecrets(text)
      .replace(HEADER, `$1"${MASK}"`)
      .replace(SESSION, (_found, name: string, id: string) => `${name}${sessionHash(id)}`),
    pseudonym,
  );

/** One JSON value under its key; numbers may be identifiers too. */
function hideValue(key: string, value: unknown, pseudonym: Pseudonym | undefined): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  if (IS_SECRET.test(key)) return MASK;
  const text = String(value);
  if (IS_SESSION.test(key)) return sessionHash(text);
  const hidden = hide(text, pseudonym);
  return hidden === text ? value : hidden;
}

/** JSON records value by value, so that a quote inside one hides nothing of the next; other text as it is. */
export function maskRecord(text: string, pseudonym?: Pseudonym): string {
  const parsed = /^\s*\{/.test(text) ? parseObject(text) : undefined;
  if (!isObject(parsed)) return hide(text, pseudonym);
  const masked = JSON.stringify(parsed, (key, value: unknown) => hideValue(key, value, pseudonym));
  // A key that stands twice leaves no trace in the parsed object: then the text itself decides.
  const isClean = masked === JSON.stringify(parsed) && hide(text, pseudonym) === text;
  return isClean ? text : masked;
}
