/** The protected-asset list: refuses a step and says which line of the policy refuses. */
import { compilePattern, lowerPattern } from '../../core/conditions/pattern.ts';
import { parsePattern } from '../../core/conditions/text-pattern.ts';
import { errors } from '../../core/errors.ts';
import type { Inventory } from '../../core/inventory.ts';
import type { Subject } from '../action.ts';
import { said } from '../action.ts';
import type { ProtectedEntry, ProtectedMatch } from './policies.ts';

/** Whom the policy means by "own accounts" and "approvers". */
export interface Protectors {
  /** Accounts of Vigia on each target, by target name. */
  readonly ownAccounts: Readonly<Record<string, string>>;
  /** Machines of its store. */
  readonly ownHosts: readonly string[];
  readonly approvers: readonly string[];
  /** Knows the tags of things. */
  readonly inventory: Inventory;
}

export interface Protection {
  /** What the approval binds. */
  readonly decisions: string[];
  readonly approvals: number;
}

/** Throws `errors.refused` for the first subject that must not be touched. */
export function protect(
  subjects: readonly Subject[],
  entries: readonly ProtectedEntry[],
  who: Protectors,
): Protection {
  const met = entries.flatMap((entry) =>
    subjects.filter((subject) => matches(subject, entry.match, who)).map((subject) => ({ entry, subject })),
  );
  for (const { entry, subject } of met)
    if (entry.approvals === undefined)
      throw errors.refused(
        `${said(subject.names[0] ?? '')} on ${subject.system} is protected by ${entry.place} (${entry.id}): ${entry.why}`,
        'contain it by hand, or have a second person change the policy',
      );
  const decisions = met.map(({ entry }) => `${entry.id}: ${entry.approvals} approvals`);
  return {
    decisions: [...new Set(decisions)].sort(),
    approvals: Math.max(0, ...met.map(({ entry }) => entry.approvals ?? 0)),
  };
}

function matches(subject: Subject, match: ProtectedMatch, who: Protectors): boolean {
  const named = (name: string) => subject.names.some((each) => each.toLowerCase() === name.toLowerCase());
  if (match.rids !== undefined) return subject.rid !== undefined && match.rids.includes(subject.rid);
  if (match.oids !== undefined) return subject.oid !== undefined && match.oids.includes(subject.oid);
  if (match.names !== undefined) {
    const tests = match.names.map((name) => compilePattern(lowerPattern(parsePattern(name))));
    return subject.names.some((name) => tests.some((test) => test(name.toLowerCase())));
  }
  if (match.domain_controllers) return subject.domainController === true;
  if (match.own_accounts) {
    const own = who.ownAccounts[subject.system];
    return own !== undefined && (named(own) || named(own.slice(own.indexOf('\\') + 1)));
  }
  if (match.own_hosts) return who.ownHosts.some(named);
  if (match.tags !== undefined) {
    const tags = who.inventory
      .named(subject.names)
      .flatMap((item) => item.tags.map((tag) => tag.toLowerCase()));
    return match.tags.some((tag) => tags.includes(tag.toLowerCase()));
  }
  // Approvers log on to Vigia by name, with or without the domain.
  return (
    match.approvers === true && who.approvers.some((name) => named(name) || named(name.replace(/@.*$/, '')))
  );
}
