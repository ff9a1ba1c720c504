/**
 * Mutants of a correlation: each group-by field and each referred rule is left out, each bound moves by one both ways, the
 * timespan grows and shrinks by one of its unit, distinct values become events, and order is given up.
 */
import { isMap } from '../engine/reading.ts';
import type { Bounds, CorrelationRule } from '../engine/rule.ts';
import type { Mutant } from './mutant.ts';

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

export function correlationMutants(rule: CorrelationRule): Mutant[] {
  const mutant = (
    name: string,
    pointer: Mutant['pointer'],
    change: Partial<CorrelationRule>,
    missing: string,
  ): Mutant => ({ name, pointer: ['correlation', ...pointer], rule: { ...rule, ...change }, missing });
  return [
    ...rule.groupBy.map((field, index) =>
      mutant(
        `without group-by ${field}`,
        ['group-by', index],
        { groupBy: rule.groupBy.toSpliced(index, 1) },
        `a series that stays silent only because ${field} differs`,
      ),
    ),
    ...parts(rule).map(({ name, index, change }) =>
      mutant(
        name,
        ['rules', index],
        change,
        'a series that alerts (or stays silent) only because of that rule',
      ),
    ),
    ...movedBounds(rule.bounds).map(({ bound, value, bounds }) =>
      mutant(
        `${bound}: ${value}`,
        ['condition', bound],
        { bounds },
        `a series on the edge of ${bound}: ${rule.bounds[bound]}`,
      ),
    ),
    ...timespans(rule).map(({ name, timespanMs, missing }) =>
      mutant(`timespan ${name}`, ['timespan'], { timespanMs }, missing),
    ),
    ...(rule.type === 'value_count'
      ? [
          mutant(
            'event_count instead of value_count',
            ['type'],
            { type: 'event_count', valueFields: [] },
            `many events of one ${rule.valueFields.join()} that stay silent`,
          ),
        ]
      : []),
    ...(rule.type === 'temporal_ordered'
      ? [
          mutant(
            'temporal instead of temporal_ordered',
            ['type'],
            { type: 'temporal' },
            'the same events in another order, which stay silent',
          ),
        ]
      : []),
  ];
}

/** Of an expression the text decides, not the list: it is no list of parts. */
function parts(rule: CorrelationRule) {
  if (rule.rules.length < 2 || rule.expression !== undefined) return [];
  const { value } = rule.source;
  const section = isMap(value) && isMap(value['correlation']) ? value['correlation'] : {};
  const written = [section['rules']].flat().map(String);
  return rule.rules.map((id, index) => ({
    name: `without rule ${written[index] ?? id}`,
    index,
    change: { rules: rule.rules.toSpliced(index, 1) },
  }));
}

function movedBounds(bounds: Bounds) {
  return (Object.keys(bounds) as (keyof Bounds)[]).flatMap((bound) =>
    [-1, 1].map((step) => {
      const value = bounds[bound]! + step;
      return { bound, value, bounds: { ...bounds, [bound]: value } };
    }),
  );
}

function timespans(rule: CorrelationRule): { name: string; timespanMs: number; missing: string }[] {
  const { value } = rule.source;
  const section = isMap(value) && isMap(value['correlation']) ? value['correlation'] : {};
  const [, count = '', unit = ''] = /^(\d+)(\w)$/.exec(String(section['timespan'])) ?? [];
  const unitMs = UNITS[unit];
  if (unitMs === undefined) return [];
  const longer = {
    name: `${Number(count) + 1}${unit}`,
    timespanMs: rule.timespanMs + unitMs,
    missing: `a series a little longer than ${count}${unit} that stays silent`,
  };
  const shorter = {
    name: count === '1' ? `half of 1${unit}` : `${Number(count) - 1}${unit}`,
    timespanMs: count === '1' ? unitMs / 2 : rule.timespanMs - unitMs,
    missing: `a series of just ${count}${unit} that alerts`,
  };
  return [longer, shorter];
}
