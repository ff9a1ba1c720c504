/** ATT&CK seen from the rules: which techniques are covered, which only on paper, which not at all. */
import { dataFolder, readData } from '../engine/data.ts';
import type { RuleCoverage } from './rule-state.ts';

export interface Attack {
  version: number;
  /** Name by tag, in the order of an attack. */
  tactics: Record<string, string>;
  techniques: Record<string, { name: string; tactics: string[] }>;
}

export type TechniqueStatus = 'covered' | 'cannot-fire' | 'not-covered';

export interface TechniqueCoverage {
  /** `T1110.003` */
  id: string;
  name: string;
  tactics: readonly string[];
  /** `cannot-fire`: there are rules, but none that can fire and alert today. */
  status: TechniqueStatus;
  /** Rules that can fire and alert. */
  firing: readonly RuleCoverage[];
  /** Rules that wait for a source or field, are in shadow, or do not alert by themselves. */
  waiting: readonly RuleCoverage[];
}

export const readAttack = (): Attack =>
  readData(dataFolder('attack')).find(({ path }) => path === 'techniques.yml')!.value as Attack;

/** Why a rule does not count; empty when it does. */
export const whyNot = ({ state, reason, shadow, alerts }: RuleCoverage): string =>
  shadow ? 'in shadow' : state === 'can-fire' && !alerts ? 'does not alert by itself' : reason;

/** Every technique of our table, and any other that a rule names. */
export function techniqueCoverage(
  rules: readonly RuleCoverage[],
  { techniques }: Attack = readAttack(),
): TechniqueCoverage[] {
  const byTechnique = new Map<string, RuleCoverage[]>();
  for (const rule of rules) {
    for (const tag of rule.tags) {
      const id = /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1]?.toUpperCase();
      if (id !== undefined) byTechnique.set(id, [...(byTechnique.get(id) ?? []), rule]);
    }
  }
  const ids = [...new Set([...Object.keys(techniques), ...byTechnique.keys()])].sort();
  return ids.map((id) => {
    const named = byTechnique.get(id) ?? [];
    const firing = named.filter((rule) => rule.state === 'can-fire' && rule.alerts);
    const { name, tactics } = techniques[id] ?? { name: id, tactics: [] };
    return {
      id,
      name,
      tactics,
      status: firing.length > 0 ? 'covered' : named.length > 0 ? 'cannot-fire' : 'not-covered',
      firing,
      waiting: named.filter((rule) => !firing.includes(rule)),
    };
  });
}
