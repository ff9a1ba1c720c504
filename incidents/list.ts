/** The queue of incidents: a query, not a second copy. */
import { and, type Condition, equals, isIn } from '../core/conditions/tree.ts';
import { atLeast, type Incident, type IncidentState, LEVELS, type Level } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import type { Stored } from '../core/store.ts';
import type { Context } from './context.ts';
import { timeOf } from './inputs.ts';
import { OPEN } from './open-incidents.ts';

export interface IncidentFilter {
  /** Default: every state. `open` is everything but closed. */
  state?: IncidentState | 'open';
  /** This level and above. */
  severity?: Level;
  /** Empty text: nobody's. */
  owner?: string;
  /** `type:name`, as grouping writes it. */
  key?: string;
  /** Only incidents with an event in [from, to], ISO. */
  from?: string;
  to?: string;
  /** Incidents that were merged into another are left out unless this is true. */
  merged?: boolean;
  /** `priority`: most severe first, within one severity the longest waiting; `newest`: last created first. */
  sort?: 'priority' | 'newest';
  /** 1 to 1,000; 100 when left out. */
  size?: number;
  /** `next` of the page before. */
  after?: string;
}

export interface IncidentPage {
  incidents: Stored<Incident>[];
  next?: string;
}

const MAX_SIZE = 1_000;

export async function list(context: Context, filter: IncidentFilter = {}): Promise<IncidentPage> {
  const size = filter.size ?? 100;
  if (!Number.isInteger(size) || size < 1 || size > MAX_SIZE)
    throw errors.usage(`a page has 1 to ${MAX_SIZE} incidents, not ${size}`);
  if (filter.sort === 'newest') {
    const after = filter.after === undefined ? {} : { after: filter.after };
    const page = await context.documents.find('incident', {
      where: conditionOf(filter),
      sort: ['-created'],
      size,
      ...after,
    });
    return { incidents: page.found, ...(page.next === undefined ? {} : { next: page.next }) };
  }
  return byPriority(context, filter, size);
}

/** Severity has no order that a store knows, so each level is a query of its own; `next` is `level|place in that level`. */
async function byPriority(context: Context, filter: IncidentFilter, size: number): Promise<IncidentPage> {
  const levels = LEVELS.filter((level) => atLeast(level, filter.severity ?? 'informational')).reverse();
  const bar = filter.after?.indexOf('|') ?? -1;
  const [start, place] =
    bar === -1 ? [levels[0]!, ''] : [filter.after!.slice(0, bar), filter.after!.slice(bar + 1)];
  const first = levels.indexOf(start as Level);
  if (first === -1 || (filter.after !== undefined && bar === -1))
    throw errors.usage('this page does not continue such a list', 'start again without "after"');
  const incidents: Stored<Incident>[] = [];
  let after = place;
  for (const level of levels.slice(first)) {
    // A full page still has to say whether more follows, at the start of the next level.
    if (incidents.length === size) return { incidents, next: `${level}|` };
    const where = and(conditionOf(filter), equals('severity', level));
    const page = await context.documents.find('incident', {
      where,
      sort: ['created'],
      size: size - incidents.length,
      ...(after === '' ? {} : { after }),
    });
    incidents.push(...page.found);
    if (page.next !== undefined) return { incidents, next: `${level}|${page.next}` };
    after = '';
  }
  return { incidents };
}

function conditionOf(filter: IncidentFilter): Condition {
  const all: Condition[] = [];
  if (filter.state === 'open') all.push(isIn('state', OPEN));
  else if (filter.state !== undefined) all.push(equals('state', filter.state));
  if (filter.severity !== undefined)
    all.push(
      isIn(
        'severity',
        LEVELS.filter((level) => atLeast(level, filter.severity!)),
      ),
    );
  if (filter.owner === '') all.push({ op: 'null', field: 'owner' });
  else if (filter.owner !== undefined) all.push(equals('owner', filter.owner));
  if (filter.key !== undefined) all.push(equals('keys', filter.key));
  if (filter.from !== undefined) all.push({ op: 'range', field: 'to', gte: time(filter.from) });
  if (filter.to !== undefined) all.push({ op: 'range', field: 'from', lte: time(filter.to) });
  if (!filter.merged) all.push({ op: 'null', field: 'mergedInto' });
  return all.length === 0 ? { op: 'always' } : and(...all);
}

const time = (text: string): string => new Date(timeOf(text)).toISOString();
