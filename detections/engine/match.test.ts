import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileCondition } from '../../core/conditions/matcher.ts';
import type { Condition } from '../../core/conditions/tree.ts';
import { buildEngine } from './match.ts';
import type { DetectionRule } from './rule.ts';
import { loadTexts, ruleText } from './testing.ts';

const template = loadTexts([ruleText('sel: {A: x}\ncondition: sel', 'product: test')])
  .rules[0] as DetectionRule;
const field = fc.constantFrom('a', 'b', 'c.d');
const text = fc.string({ unit: fc.constantFrom('x', 'Y', 'z'), maxLength: 4 });
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    op: fc.constant('equals' as const),
    field,
    value: fc.oneof(text, fc.integer({ min: 0, max: 3 })),
  }),
  fc.record({ op: fc.constant('equals' as const), field, value: text, cased: fc.constant(true) }),
  fc.record({
    op: fc.constant('in' as const),
    field,
    values: fc.array(text, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    op: fc.constantFrom('contains' as const, 'startsWith' as const, 'endsWith' as const),
    field,
    value: text,
    cased: fc.boolean(),
  }),
  fc.record({ op: fc.constantFrom('exists' as const, 'null' as const), field }),
  fc.record({
    op: fc.constant('regex' as const),
    field,
    source: fc.constantFrom('x+Y', '(xx|YY)z?', '^x?z', 'x{2}', '(?i)yX', '[xz]Y', 'x|'),
    flags: fc.constantFrom('', 'i'),
  }),
  fc.record({
    op: fc.constant('sameAs' as const),
    field,
    other: field,
    how: fc.constantFrom('equals' as const, 'contains' as const),
  }),
  fc.record({ op: fc.constant('keyword' as const), pattern: fc.array(text, { maxLength: 1 }) }),
  fc.constant<Condition>({ op: 'keyword', pattern: ['xYz'] }),
  fc.constantFrom<Condition>({ op: 'always' }, { op: 'never' }),
);
const condition = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('not' as const), of: tie('tree') }),
  ),
})).tree;
const value = fc.oneof(
  text,
  fc.integer({ min: 0, max: 3 }),
  fc.constant(null),
  fc.array(text, { maxLength: 2 }),
);
const event = fc.record(
  { a: value, b: value, c: fc.oneof(value, fc.record({ d: value })) },
  { requiredKeys: [] },
);

it('never loses a match to the index, and never finds one too many', () => {
  fc.assert(
    fc.property(fc.array(condition, { minLength: 1, maxLength: 8 }), event, (conditions, document) => {
      const engine = buildEngine(
        conditions.map((one, index) => ({ ...template, id: String(index), condition: one })),
      );
      const expected = conditions.flatMap((one, index) =>
        compileCondition(one)(document) ? [String(index)] : [],
      );
      expect(engine.match(document).map(({ rule }) => rule.id)).toEqual(expected);
      const json = JSON.stringify(document);
      expect(engine.numbers(document, { json }).map(String)).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});
