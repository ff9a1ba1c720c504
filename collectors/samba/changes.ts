/** Reads the attribute changes of a directory write. */
import { type AccountFlags, accountFlags } from './account-flags.ts';
import { isJson, text } from './record.ts';
import { isSecret } from './secrets.ts';

export interface Changes {
  /** Names of all attributes touched, as written. */
  attributes: string[];
  /**
   * Values added or put in place, by attribute in lower case: the directory takes names in any case and records them as the
   * client wrote them, so a rule could otherwise be evaded by writing `USERACCOUNTCONTROL`.
   */
  added: Record<string, string[]>;
  removed: Record<string, string[]>;
  flags?: AccountFlags;
}

/**
 * Only names that a directory schema allows become keys; an odd one stays visible in `attributes`, so that a hostile
 * record cannot write keys of its choice into the index.
 */
const keyName = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

/** Control characters, which no name or description holds: a binary value that happens to be valid UTF-8. */
const binary = /\p{Cc}/u;

export function readChanges(attributes: unknown): Changes {
  const names = isJson(attributes) ? Object.keys(attributes) : [];
  const added = new Map<string, string[]>();
  const removed = new Map<string, string[]>();
  for (const name of names) {
    const actions = isJson(attributes) && isJson(attributes[name]) ? attributes[name]['actions'] : undefined;
    if (!Array.isArray(actions) || isSecret(name) || !keyName.test(name)) continue;
    for (const action of actions) {
      if (!isJson(action)) continue;
      const side = action['action'] === 'delete' ? removed : added;
      const key = name.toLowerCase();
      const values = Array.isArray(action['values']) ? action['values'] : [];
      const kept = values.map(readValue).filter((one) => one !== undefined);
      if (kept.length > 0) side.set(key, [...(side.get(key) ?? []), ...kept]);
    }
  }
  const flags = accountFlags(removed.get('useraccountcontrol')?.[0], added.get('useraccountcontrol')?.at(-1));
  return {
    attributes: names,
    added: Object.fromEntries(added),
    removed: Object.fromEntries(removed),
    ...(flags ? { flags } : {}),
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Samba writes values that are not plain ASCII in Base64 and says so; what is text is shown as text, the rest stays as written. */
function readValue(one: unknown): string | undefined {
  if (!isJson(one)) return undefined;
  const written = text(one['value']);
  if (one['base64'] !== true || written === undefined) return written;
  const bytes = Buffer.from(written, 'base64');
  // Damaged Base64 is cut short, not refused, by the decoder; then the written form is the evidence.
  if (bytes.toString('base64') !== written) return written;
  try {
    const decoded = utf8.decode(bytes);
    return decoded === '' || binary.test(decoded) ? written : decoded;
  } catch {
    // A security identifier or another binary value.
    return written;
  }
}
