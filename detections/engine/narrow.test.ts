/** What a store is asked for never leaves out an event that the rule takes. */
import { describe, expect, it } from 'vitest';
import { compileCondition } from '../../core/conditions/matcher.ts';
import { buildEngine } from './match.ts';
import { narrowingCondition } from './narrow.ts';
import type { DetectionRule } from './rule.ts';
import { loadTexts, ruleText } from './testing.ts';

const ruleOf = (detection: string, logsource?: string): DetectionRule =>
  loadTexts([ruleText(detection, logsource)]).rules[0] as DetectionRule;

describe('narrowingCondition', () => {
  it.each<[string, string, object]>([
    [
      'a negated keyword that stands only in what routes the event',
      "sel: ['linux']\ncondition: not sel",
      { vigia: { logsource: { product: 'linux' } }, host: { name: 'h' } },
    ],
    [
      'a field in its second place',
      'sel: {CommandLine|contains: x}\ncondition: sel',
      { process: { command_line: 'ax' } },
    ],
    [
      'a negated field whose second place holds the value',
      'sel: {CommandLine: x}\ncondition: not sel',
      { CommandLine: 'y', process: { command_line: 'x' } },
    ],
    [
      'a missing field of several places',
      'sel: {CommandLine: null}\ncondition: sel',
      { CommandLine: null, process: { command_line: 'x' } },
    ],
  ])('keeps %s', (_name, detection, event) => {
    const rule = ruleOf(detection);
    expect(buildEngine([rule]).match(event)).toHaveLength(1);
    expect(compileCondition(narrowingCondition(rule))(event)).toBe(true);
  });

  it('keeps a field that its source writes with a blank (N-2)', () => {
    const rule = ruleOf('sel: {NewValue|contains: x}\ncondition: sel', 'product: windows');
    const event = { winlog: { event_data: { 'New Value': 'ax' } } };
    expect(buildEngine([rule]).match(event)).toHaveLength(1);
    expect(compileCondition(narrowingCondition(rule))(event)).toBe(true);
  });
});
