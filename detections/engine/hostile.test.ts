/** Rules and events written by somebody who means harm: bounded, refused with a reason, never a crash. */
import { describe, expect, it } from 'vitest';
import { buildEngine } from './match.ts';
import { fires, loadTexts, refusal, ruleText } from './testing.ts';

describe('hostile rules', () => {
  it('refuses a condition nested 10,000 deep', () => {
    expect(refusal(`sel: {A: x}\ncondition: ${'('.repeat(10_000)}sel${')'.repeat(10_000)}`)).toMatch(
      /characters long|nested parentheses/,
    );
    expect(refusal(`sel: {A: x}\ncondition: ${'('.repeat(5_000)}sel${')'.repeat(5_000)}`)).toMatch(
      /more than 200 nested/,
    );
  });
  it('takes 10,000 times not, which nests nothing', () => {
    expect(fires(`sel: {A: x}\ncondition: ${'not '.repeat(4_000)}sel`, { A: 'x' })).toBe(true);
  });
  it('refuses a YAML bomb', () => {
    const levels = 'abcdefghij'
      .split('')
      .map(
        (name, index) =>
          `${name}: &${name} [${index === 0 ? 'x,x,x,x,x,x,x,x,x' : `*${'abcdefghij'[index - 1]},`.repeat(9)}]`,
      );
    expect(refusal(`${levels.join('\n')}\ncondition: a`)).toMatch(/aliases repeat more than/);
  });
  it('takes a list of 100,000 values and finds the last one', () => {
    const values = Array.from({ length: 100_000 }, (_, n) => `    - value-${n}-x`).join('\n');
    const detection = `sel:\n  A|contains:\n${values}\ncondition: sel`;
    expect(fires(detection, { A: 'some value-99999-x here' })).toBe(true);
    expect(fires(detection, { A: 'some value-100000-x here' })).toBe(false);
  });
  it('runs an expression with nested repeats in linear time', () => {
    expect(fires("sel: {A|re: '^(a+)+$'}\ncondition: sel", { A: `${'a'.repeat(50_000)}!` })).toBe(false);
  });
  it('refuses a repeat that would need endless memory, and too many dashes', () => {
    expect(refusal("sel: {A|re: '((a{1000}){1000}){1000}'}\ncondition: sel")).toMatch(/cannot be used/);
    expect(refusal(`sel: {A|windash|contains: '${' -x'.repeat(12)}'}\ncondition: sel`)).toMatch(
      /too many dashes/,
    );
  });
  it('keeps prototypes clean', () => {
    const { rules } = loadTexts([ruleText('__proto__: {A: x}\nconstructor: {B: y}\ncondition: 1 of c*')]);
    expect(buildEngine(rules).match({ B: 'y' }).length).toBe(1);
    expect(({} as Record<string, unknown>)['A']).toBeUndefined();
  });
  it('loads no field from what objects inherit', () => {
    expect(fires("sel: {constructor: '*'}\ncondition: sel", { A: 1 })).toBe(false);
    expect(fires('sel: {toString|exists: true}\ncondition: sel', { A: 1 })).toBe(false);
  });
});

describe('hostile events', () => {
  it('walks a deeply nested event no further than any record is deep', () => {
    let event: object = { A: 'x' };
    for (let depth = 0; depth < 50_000; depth++) event = { a: event };
    expect(fires('sel: {A: x}\ncondition: sel', { A: 'x', a: event })).toBe(true);
    expect(fires('sel: [needle]\ncondition: sel', { A: 'x', a: event })).toBe(false);
  });
  it('takes a key called __proto__ and a list of a million values', () => {
    const event = JSON.parse('{"__proto__": {"A": "x"}, "B": "y"}');
    expect(fires('sel: {B: y}\ncondition: sel', event)).toBe(true);
    expect(fires('sel: {A: x}\ncondition: sel', event)).toBe(false);
    expect(fires('sel: {A: y}\ncondition: sel', { A: [...new Array(1_000_000).fill('x'), 'y'] })).toBe(true);
  });
  it('searches a field of 10 MB', () => {
    const engine = buildEngine(
      loadTexts([
        ruleText('sel: {A|contains: the-end}\ncondition: sel', 'product: test', 'part'),
        ruleText('sel: {A|endswith: end, B: null}\ncondition: sel', 'product: test', 'edge'),
        ruleText('sel: [The-End]\ncondition: sel', 'product: test', 'keyword'),
      ]).rules,
    );
    for (const filling of ['x', '\u1e9e'])
      expect(
        engine.numbers({ A: `${filling.repeat(10_000_000 / Buffer.byteLength(filling))}THE-END` }),
      ).toEqual([0, 1, 2]);
  });
  it('keeps log sources apart also when events name more kinds than are remembered', () => {
    const services = Array.from({ length: 400 }, (_, n) => `service-${n}`);
    const engine = buildEngine(
      loadTexts(
        services.map((service) => ruleText('sel: {A: x}\ncondition: sel', `service: ${service}`, service)),
      ).rules,
    );
    for (const service of [...services, ...services]) {
      expect(engine.match({ A: 'x', service }).map(({ rule }) => rule.title)).toEqual([service]);
    }
    expect(engine.match({ A: 'x', service: 'made-up' })).toEqual([]);
    expect(engine.match({ A: 'x' }).length).toBe(400);
  });
});
