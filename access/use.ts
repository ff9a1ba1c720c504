/** What was done with an access: the collected events of its account on its target while it had it. */
import { and, type Condition, equals, isIn, or } from '../core/conditions/tree.ts';
import type { Access } from '../core/documents.ts';
import type { Event } from '../core/event.ts';
import { bareName } from '../core/grants.ts';
import type { Bucket } from '../core/store.ts';
import { namesOfSystem } from '../targets/system-names.ts';
import { isoOf } from './change.ts';
import type { Engine } from './engine.ts';

export interface Use {
  /** Times between which it was there, also when it ended late; absent while nothing was given. */
  readonly from?: string;
  readonly to?: string;
  /** Exact. */
  readonly count: number;
  /** By what was done. */
  readonly actions: readonly { readonly action: string; readonly count: number }[];
  /** One page, oldest first. */
  readonly events: readonly Event[];
  readonly next?: string;
}

export interface UsePage {
  readonly size?: number;
  readonly after?: string;
}

export async function useOf(engine: Engine, access: Access, { size = 100, after }: UsePage): Promise<Use> {
  if (access.given === undefined) return { count: 0, actions: [], events: [] };
  const range = { from: access.given.from, to: access.ended?.at ?? isoOf(engine.now()) };
  const where = conditionOf(engine, access);
  const [page, buckets] = await Promise.all([
    engine.store.events.read({
      ...range,
      where,
      order: 'oldest',
      size,
      ...(after === undefined ? {} : { after }),
    }),
    engine.store.events.aggregate({
      ...range,
      where,
      groupBy: ['event.action'],
      measure: { kind: 'count' },
    }),
  ]);
  return {
    ...range,
    count: buckets.reduce((sum, { value }) => sum + value, 0),
    actions: buckets.map(actionOf).sort((a, b) => b.count - a.count),
    events: page.events,
    ...(page.next === undefined ? {} : { next: page.next }),
  };
}

const actionOf = ({ key: [action], value }: Bucket) => ({ action: action ?? 'other', count: value });

/**
 * The account under every spelling that events use, and the system under every name that it has. A right of a directory
 * works on every machine of the domain, so there the account alone counts.
 */
function conditionOf(engine: Engine, { account, system, kind }: Access): Condition {
  const name = bareName(account);
  const isAccount = or(
    equals('user.name', name),
    { op: 'endsWith', field: 'user.name', value: `\\${name}` },
    { op: 'startsWith', field: 'user.name', value: `${name}@` },
  );
  if (kind.startsWith('directory')) return isAccount;
  const names = namesOfSystem(engine.targets, system);
  const isSystem = or(
    isIn(
      'host.name',
      names.flatMap((one) => (isFull(one) ? [one, one.split('.')[0]!] : [one])),
    ),
    ...names
      .filter((one) => !one.includes('.'))
      .map((one): Condition => ({ op: 'startsWith', field: 'host.name', value: `${one}.` })),
  );
  return and(isAccount, isSystem);
}

/** `srv-1.inst.example`, whose first part is a name too; of an address it is not. */
const isFull = (name: string): boolean => /^[a-z][a-z0-9-]*\./i.test(name);
