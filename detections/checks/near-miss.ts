/** A near miss is near: one field apart from a hit. Of a miss that differs in three, nobody knows which one decided. */
import { messageOf } from '../../core/conditions/message.ts';
import type { Condition } from '../../core/conditions/tree.ts';
import { readField, segmentsOf } from '../../core/conditions/values.ts';
import type { Event } from '../../core/event.ts';
import type { PreparedCase } from '../cases.ts';
import { fieldResolver } from '../engine/fields.ts';
import { buildEngine } from '../engine/match.ts';
import type { DetectionRule, Rule } from '../engine/rule.ts';
import type { Check } from './check.ts';

export const nearMiss: Check = {
  id: 'near-miss',
  summary:
    'Every miss differs from a hit in one field that the rule reads; where a correlation stays silent, its parts still match.',
  severity: 'error',
  check({ rule, prepared, texts }) {
    const mine = prepared.filter((one) => one.rule.id === rule.id);
    const problem = (one: PreparedCase, message: string, hint: string) => ({
      path: texts.at(-1)!.path,
      ...one.place,
      message: `case "${one.one.name}": ${message}`,
      hint,
    });
    if (rule.kind === 'correlation') {
      return mine
        .filter(({ one, needed, events }) => one.expect === 'none' && !hasMatch(needed, events))
        .map((one) => problem(one, 'no event matches a part of the correlation', 'change less'));
    }
    const read = reader(rule);
    const hits = mine.filter(({ one }) => one.expect === 'match').flatMap(({ events }) => events.map(read));
    if (hits.length === 0) return []; // said by has-cases
    return mine
      .filter(({ one }) => one.expect === 'miss')
      .flatMap((one) => {
        const apart = one.events.map(read).map((miss) => nearest(miss, hits));
        const far = apart.find((fields) => fields.length > 1);
        return far
          ? [
              problem(
                one,
                `it differs from the nearest hit in ${far.join(' and ')}`,
                'change one of them, or add a case for each',
              ),
            ]
          : [];
      });
  },
};

const hasMatch = (needed: readonly Rule[], events: readonly Event[]): boolean => {
  const engine = buildEngine(needed);
  return events.some((event) => engine.match(event).length > 0);
};

/** What the rule sees of an event: the values of each of its fields as one text. */
function reader(rule: DetectionRule): (event: Event) => Map<string, string> {
  const resolve = fieldResolver(rule.logsource, rule.taxonomy);
  const { fields, hasKeywords } = fieldsOf(rule.condition);
  const places = [...fields].map((field) => [field, resolve(field).flat().map(segmentsOf)] as const);
  return (event) => {
    const seen = new Map(
      places.map(([field, paths]) => [
        field,
        JSON.stringify(paths.map((path) => readField(event, path)?.values.map(({ raw }) => raw))),
      ]),
    );
    if (hasKeywords) seen.set('the message', JSON.stringify(messageOf(event).map(({ raw }) => raw)));
    return seen;
  };
}

export function fieldsOf(condition: Condition): { fields: Set<string>; hasKeywords: boolean } {
  const fields = new Set<string>();
  let hasKeywords = false;
  const waiting = [condition];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.op === 'and' || next.op === 'or') waiting.push(...next.of);
    else if (next.op === 'not') waiting.push(next.of);
    else if (next.op === 'keyword' || next.op === 'keywordRegex') hasKeywords = true;
    else {
      if ('field' in next) fields.add(next.field);
      if (next.op === 'sameAs') fields.add(next.other);
    }
  }
  return { fields, hasKeywords };
}

/** The fewest fields by which the miss differs from a hit. */
function nearest(miss: ReadonlyMap<string, string>, hits: readonly ReadonlyMap<string, string>[]): string[] {
  const apart = hits.map((hit) =>
    [...miss.keys()].filter((field) => miss.get(field) !== hit.get(field)).sort(),
  );
  return apart.reduce((best, fields) => (fields.length < best.length ? fields : best));
}
