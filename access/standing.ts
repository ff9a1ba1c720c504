/** Who has which privilege for good, what explains it, and who does not use it: directories and PostgreSQL servers. */
import { isIn } from '../core/conditions/tree.ts';
import type { Access } from '../core/documents.ts';
import { VigiaError } from '../core/errors.ts';
import { findAll } from '../core/find-all.ts';
import { bareName } from '../core/grants.ts';
import type { PrivilegedGroups } from '../targets/directory-groups.ts';
import { isoOf } from './change.ts';
import { contextOf, type Engine } from './engine.ts';
import { HELD_STATES } from './request.ts';
import { standingInDatabase } from './standing-database.ts';
import { standingInDirectory } from './standing-directory.ts';

/** One privilege of one account, as a target tells it. */
export interface Privilege {
  readonly account: string;
  /** What it has: groups, powers. */
  readonly has: readonly string[];
  readonly enabled: boolean;
  /** ISO; absent when nobody knows. */
  readonly created?: string;
  readonly lastUsed?: string;
}

export interface Standing extends Privilege {
  readonly system: string;
  /** The access that gives it just now. */
  readonly access?: string;
  /** Enabled, not used for `dormant_days`, and not made since. */
  readonly dormant: boolean;
}

export interface StandingReport {
  readonly at: string;
  readonly standing: readonly Standing[];
  /** Targets that could not be asked, with the reason: what they hold is not in the list. */
  readonly notAsked: readonly { readonly system: string; readonly why: string }[];
  /** Since when use of databases can be known: the oldest collected event. */
  readonly collectedSince?: string;
}

const DAY_MS = 86_400_000;

export async function standingReport(engine: Engine, groups: PrivilegedGroups): Promise<StandingReport> {
  const now = engine.now();
  const before = isoOf(now - engine.policy().dormant_days * DAY_MS);
  const held = (await findAll(engine.store.documents, 'access', { where: isIn('state', HELD_STATES) })).map(
    ({ body }) => body,
  );
  const oldest = (await engine.store.events.read({ order: 'oldest', size: 1 })).events[0]?.['@timestamp'];
  const standing: Standing[] = [];
  const notAsked: { system: string; why: string }[] = [];
  for (const [system, { kind }] of Object.entries(engine.targets)) {
    try {
      const found = await privilegesOn(engine, system, kind, groups);
      standing.push(...found.map((one) => judged(one, system, { held, before, oldest })));
    } catch (cause) {
      if (!(cause instanceof VigiaError)) throw cause;
      notAsked.push({ system, why: cause.message });
    }
  }
  return {
    at: isoOf(now),
    standing,
    notAsked,
    ...(oldest === undefined ? {} : { collectedSince: oldest }),
  };
}

async function privilegesOn(
  engine: Engine,
  system: string,
  kind: string,
  groups: PrivilegedGroups,
): Promise<Privilege[]> {
  const ctx = contextOf(engine);
  if (kind === 'directory' || kind === 'directory-rehearsal')
    return await ctx.directory(system, (directory) => standingInDirectory(directory, groups));
  if (kind === 'postgresql')
    return await ctx.postgresql(system, (database) => standingInDatabase(engine, system, database));
  return [];
}

interface Against {
  readonly held: readonly Access[];
  /** Used since then is not dormant. */
  readonly before: string;
  readonly oldest: string | undefined;
}

function judged(one: Privilege, system: string, { held, before, oldest }: Against): Standing {
  const access = held.find(
    (each) => each.system === system && bareName(each.account) === bareName(one.account),
  );
  // Nobody can say of an account that it was not used at a time when nobody looked.
  const knownSince = one.lastUsed ?? one.created ?? oldest;
  return {
    system,
    ...one,
    ...(access === undefined ? {} : { access: access.id }),
    dormant: one.enabled && access === undefined && knownSince !== undefined && knownSince < before,
  };
}
