/** What ties alerts together: the shared entities of an alert as comparable keys, by the entity policy. */
import { compileNetwork } from '../core/conditions/network.ts';
import type { Entity } from '../core/documents.ts';
import type { EntityPolicy } from './policies.ts';

export interface Keys {
  /** `type:name`, lower case, sorted. */
  of(entities: readonly Entity[], ruleId: string): string[];
  /** Does this entity tie anything, or does everybody share it? */
  ties(entity: Entity): boolean;
  /** One spelling for the same entity. */
  key(entity: Entity): string;
}

/** `dwm-*`: `*` stands for any text. Linear in the name, whatever a hostile log wrote there. */
const starred = (pattern: string) => {
  const [first = '', ...rest] = pattern.toLowerCase().split('*');
  const last = rest.pop();
  return (name: string): boolean => {
    if (last === undefined) return name === first;
    if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last))
      return false;
    let from = first.length;
    for (const part of rest) {
      const found = name.indexOf(part, from);
      if (found === -1) return false;
      from = found + part.length;
    }
    return from <= name.length - last.length;
  };
};

/** Tests a name against a list of names with `*`. */
export const nameTest = (patterns: readonly string[]): ((name: string) => boolean) => {
  const tests = patterns.map(starred);
  return (name) => tests.some((test) => test(name.toLowerCase()));
};

/** `keysOf(policy).of(alert.entities, alert.rule.id)` → `['address:10.20.4.17', 'user:ana']`. */
export function keysOf(policy: EntityPolicy): Keys {
  const networks = (policy.ignored.address ?? []).map(compileNetwork);
  const ignoredNames = new Map(
    Object.entries(policy.ignored).map(([type, names]) => [type, nameTest(names)]),
  );

  const plain = ({ type, name }: Entity): string => {
    const lower = name.trim().toLowerCase();
    if (type === 'address') return lower.replace(/^::ffff:(?=\d+\.)/, '');
    if (type !== 'user' || policy.user_names === 'qualified') return lower;
    return lower.replace(/^[^\\]*\\/, '').replace(/@[^@]*$/, '');
  };
  const ties = (entity: Entity): boolean => {
    const name = plain(entity);
    if (name === '') return false;
    if (entity.type === 'address') return !networks.some((inside) => inside(name));
    return !ignoredNames.get(entity.type)?.(name);
  };
  const key = (entity: Entity) => `${entity.type}:${plain(entity)}`;

  return {
    ties,
    key,
    of(entities, ruleId) {
      const of = (types: readonly string[]) =>
        [
          ...new Set(entities.filter((entity) => types.includes(entity.type) && ties(entity)).map(key)),
        ].sort();
      const strong = of(policy.strong);
      if (strong.length > 0) return strong;
      const weak = of(policy.weak);
      return weak.length > 0 ? weak : [`rule:${ruleId.toLowerCase()}`];
    },
  };
}
