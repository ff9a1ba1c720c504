/** Patch tasks: what each host is behind by, and how urgent that is by what is known of vulnerabilities and of incidents. */
import {
  type Advisory,
  atLeast,
  type Change,
  type Incident,
  type Level,
  type PatchHost,
  type PatchPriority,
  type PatchTask,
  type PatchUpdate,
} from '../../core/documents.ts';
import { exemptionOf, type PatchingPolicy } from './policy.ts';
import { compareVersions } from './version-order.ts';

export interface Known {
  readonly hosts: readonly PatchHost[];
  readonly advisories: readonly Advisory[];
  /** Those that are not closed. */
  readonly incidents: readonly Incident[];
  readonly policy: PatchingPolicy;
  /** Epoch milliseconds. */
  readonly now: number;
}

export const URGENCY: readonly PatchPriority[] = ['emergency', 'high', 'routine'];

/** The tasks that differ from `before`; one that is not behind any more becomes done, and is kept. */
export function changedTasks(known: Known, before: readonly PatchTask[]): PatchTask[] {
  const at = new Date(known.now).toISOString();
  const old = new Map(before.map((task) => [task.id, task]));
  const mends = mendingIn(known.advisories);
  const about = Map.groupBy(
    known.incidents.flatMap((incident) => vulnerabilitiesOf(incident).map((id) => ({ id, incident }))),
    ({ id }) => id,
  );
  const now = known.hosts.flatMap(({ host, seen }) =>
    (seen?.updates ?? []).flatMap((update) =>
      update.from === undefined
        ? []
        : [taskOf(known, host, { ...update, from: update.from }, mends, about, at)],
    ),
  );
  const ids = new Set(now.map(({ id }) => id));
  // A host that is not looked at any more has no news: only what was looked at and is gone is done.
  const looked = new Set(known.hosts.filter(({ seen }) => seen !== undefined).map(({ host }) => host));
  const gone = before
    .filter(({ id, host, state }) => state !== 'done' && looked.has(host) && !ids.has(id))
    .map((task): PatchTask => ({ ...task, state: 'done' }));
  return [...now, ...gone].flatMap((task) => {
    const was = old.get(task.id);
    const next =
      was === undefined
        ? task
        : { ...task, opened: was.opened, history: [...was.history, ...changes(was, task, at)] };
    return was !== undefined && same(was, next) ? [] : [next];
  });
}

type Mends = ReadonlyMap<string, readonly { readonly advisory: Advisory; readonly version: string }[]>;

/** By source package. */
const mendingIn = (advisories: readonly Advisory[]): Mends =>
  Map.groupBy(
    advisories.flatMap((advisory) => advisory.fixed.map((fixed) => ({ advisory, ...fixed }))),
    ({ package: name }) => name,
  );

function taskOf(
  { policy, now }: Known,
  host: string,
  { name, source, from, to, origin }: PatchUpdate & { from: string },
  mends: Mends,
  about: ReadonlyMap<string, readonly { readonly incident: Incident }[]>,
  at: string,
): PatchTask {
  // The version that mends lies between what is there and what is offered; of another release it does not.
  const met = (mends.get(source) ?? []).filter(
    ({ version }) => compareVersions(from, version) < 0 && compareVersions(version, to) <= 0,
  );
  const advisories = [...new Map(met.map(({ advisory }) => [advisory.id, advisory])).values()];
  const incidents = new Map(
    advisories.flatMap(({ id }) =>
      (about.get(id) ?? []).map(({ incident }) => [incident.id, { incident, id }] as const),
    ),
  );
  const exploited = advisories.filter((advisory) => advisory.exploited !== undefined);
  const { holds } = exemptionOf(policy, host, name, now);
  const isSevere = /critical|important/i.test(origin);
  return {
    id: `${host}/${name}`,
    host,
    package: name,
    source,
    from,
    to,
    state: holds === undefined ? 'open' : 'exempt',
    priority:
      exploited.length + incidents.size > 0
        ? 'emergency'
        : advisories.length > 0 || isSevere
          ? 'high'
          : 'routine',
    why: [
      ...[...incidents.values()].map(({ incident, id }) => `${incident.number} is about ${id}`),
      ...exploited.map(
        ({ id, exploited: facts }) => `${id} is exploited (${facts?.source}, since ${facts?.since})`,
      ),
      ...advisories.filter(({ exploited: facts }) => facts === undefined).map(({ id }) => `mends ${id}`),
      ...(isSevere ? [`the publisher calls it ${origin}`] : []),
      ...(holds === undefined ? [] : [`exempt until ${holds.until} (${holds.place}): ${holds.why}`]),
    ],
    vulnerabilities: advisories.map(({ id }) => id).sort(),
    incidents: [...incidents.keys()].sort(),
    opened: at,
    history: [],
  };
}

function changes(was: PatchTask, is: PatchTask, at: string): Change[] {
  return (['state', 'priority', 'to'] as const).flatMap((field) =>
    was[field] === is[field]
      ? []
      : [
          {
            at,
            by: 'vigia',
            field,
            from: was[field],
            to: is[field],
            ...(is.why.length > 0 ? { reason: is.why.join('; ') } : {}),
          },
        ],
  );
}

const same = (was: PatchTask, is: PatchTask): boolean =>
  JSON.stringify({ ...was, opened: '' }) === JSON.stringify({ ...is, opened: '' });

/** What an incident is about, by its title, its tags (`cve.2026-12345`, as Sigma writes them) and its notes. */
export function vulnerabilitiesOf({
  title,
  tags,
  notes,
}: Pick<Incident, 'title' | 'tags' | 'notes'>): string[] {
  const own = notes.filter(({ by }) => by !== 'vigia').map(({ text }) => text);
  const text = [title, ...tags.map((tag) => tag.replace(/^cve\./i, 'CVE-')), ...own].join('\n');
  return [...new Set([...text.matchAll(/\bCVE-\d{4}-\d{4,7}\b/gi)].map(([id]) => id.toUpperCase()))].sort();
}

export interface Raise {
  readonly incident: Incident;
  /** Undefined: it is severe enough. */
  readonly severity?: Level;
  readonly reason: string;
}

/** The other way round: an incident about what hosts of ours are still open to is at least as severe as the policy says. */
export function raisesOf(
  incidents: readonly Incident[],
  tasks: readonly PatchTask[],
  advisories: readonly Advisory[],
  { raise }: PatchingPolicy,
): Raise[] {
  const exploited = new Set(advisories.flatMap(({ id, exploited: facts }) => (facts ? [id] : [])));
  return incidents.flatMap((incident): Raise[] => {
    const about = vulnerabilitiesOf(incident);
    const open = tasks.filter(
      ({ state, vulnerabilities }) => state !== 'done' && vulnerabilities.some((id) => about.includes(id)),
    );
    if (open.length === 0) return [];
    const met = [
      ...new Set(open.flatMap(({ vulnerabilities }) => vulnerabilities.filter((id) => about.includes(id)))),
    ].sort();
    const floor = met.some((id) => exploited.has(id)) ? raise.exploited : raise.open;
    const reason = `not mended yet: ${met.join(', ')} on ${open
      .map(({ host, package: name }) => `${host} (${name})`)
      .sort()
      .join(', ')}`;
    return [{ incident, reason, ...(atLeast(incident.severity, floor) ? {} : { severity: floor }) }];
  });
}
