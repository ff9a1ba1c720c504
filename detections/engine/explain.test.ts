import { describe, expect, it } from 'vitest';
import { compileCondition } from '../../core/conditions/matcher.ts';
import { explain } from './explain.ts';
import { narrowingCondition } from './narrow.ts';
import type { DetectionRule } from './rule.ts';
import { loadTexts, ruleText } from './testing.ts';

const rule = (detection: string, logsource: string) =>
  loadTexts([ruleText(detection, logsource)]).rules[0] as DetectionRule;

describe('explain', () => {
  it('names each part with its verdict and what the event holds there', () => {
    const linux = rule(
      "sel: {A|endswith: '.exe', B: [1, 2]}\nfilter: {C: x}\ncondition: sel and not filter",
      'product: linux',
    );
    expect(explain(linux, { A: 'a.EXE', B: 3, C: 'y' })).toEqual({
      logSource: true,
      matches: false,
      condition: {
        text: 'all of',
        holds: false,
        parts: [
          {
            text: 'all of',
            holds: false,
            parts: [
              { text: 'A endsWith ".exe"', holds: true, found: ['a.EXE'] },
              { text: 'B is one of 1, 2', holds: false, found: ['3'] },
            ],
          },
          { text: 'not', holds: true, parts: [{ text: 'C equals "x"', holds: false, found: ['y'] }] },
        ],
      },
    });
  });
  it('says when the log source is another one', () => {
    expect(
      explain(rule('sel: {A: x}\ncondition: sel', 'product: linux'), { A: 'x', product: 'windows' }),
    ).toMatchObject({ logSource: false, matches: false });
  });
});

describe('narrowingCondition', () => {
  const windows = 'product: windows\n  category: process_creation';
  it('finds every event that the rule matches, wherever the field lies', () => {
    const test = compileCondition(
      narrowingCondition(
        rule('sel: {Image|endswith: a.exe}\nfilter: {User: root}\ncondition: sel and not filter', windows),
      ),
    );
    expect(test({ winlog: { event_data: { Image: 'C:\\a.exe', User: 'joe' } } })).toBe(true);
    expect(test({ winlog: { event_data: { NewProcessName: 'C:\\a.exe' } } })).toBe(true);
    expect(test({ process: { executable: 'C:\\A.EXE' } })).toBe(true);
    expect(test({ process: { executable: 'C:\\b.exe' } })).toBe(false);
  });
  it('leaves out what it cannot tell under a negation, and keeps what it can', () => {
    expect(narrowingCondition(rule('sel: {A: x}\ncondition: not sel', 'product: zeek'))).toEqual({
      op: 'not',
      of: { op: 'equals', field: 'A', value: 'x' },
    });
    expect(narrowingCondition(rule('sel: {Image: x}\ncondition: not sel', windows))).toEqual({
      op: 'always',
    });
    const hasValue = compileCondition(
      narrowingCondition(rule('sel: {Image: null}\ncondition: not sel', windows)),
    );
    expect([hasValue({ process: { executable: 'x' } }), hasValue({})]).toEqual([true, false]);
  });
});
