/** What a case says that is known besides its events: lists of indicators and grants. */
import type { Grant, Indicator } from '../core/documents.ts';
import { sameSystem } from '../core/grants.ts';
import type { RuleCase } from './case-events.ts';
import { indicatorSet } from './indicators/set.ts';
import { spell } from './indicators/spelling.ts';
import { type Known, NOTHING_KNOWN } from './known.ts';

const ALWAYS = { from: '0000-01-01T00:00:00.000Z', to: '9999-12-31T00:00:00.000Z' };
const ACCOUNT = /^account:/;

/** `mistake` says which text is no indicator. */
export function knownOfCase({ lists = {}, grants = [], deeds = [] }: RuleCase): {
  known: Known;
  mistake?: string;
} {
  const wrong = Object.values(lists)
    .flat()
    .find((value) => !spelt(value));
  const sets = new Map(
    Object.entries(lists).map(([list, values]) => [
      list,
      indicatorSet(values.flatMap((value) => indicatorOf(list, value) ?? [])),
    ]),
  );
  const given = grants.map((grant): Grant => ({ id: '', role: 'any', by: 'the case', ...ALWAYS, ...grant }));
  return {
    known: {
      ...NOTHING_KNOWN,
      lists: (name) => sets.get(name),
      grants: async () => given,
      deeds: async () => deeds.map((deed) => ({ under: 'the case', ...ALWAYS, ...deed })),
      isManaged: (system) =>
        given.some((grant) => [grant.system, ...(grant.also ?? [])].some((name) => sameSystem(name, system))),
    },
    ...(wrong === undefined ? {} : { mistake: `${JSON.stringify(wrong)} is no indicator` }),
  };
}

const spelt = (value: string) =>
  ACCOUNT.test(value) ? spell(value.replace(ACCOUNT, ''), 'account') : spell(value);

function indicatorOf(list: string, value: string): Indicator | undefined {
  const known = spelt(value);
  return known && { list, ...known, source: 'the case', added: ALWAYS.from };
}
