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
      const kept = values
        .map((one) => (isJson(one) ? text(one['value']) : undefined))
        .filter((one) => one !== undefined);
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
