import { expect, it } from 'vitest';
import { buildEngine } from './engine/match.ts';
import { loadTexts, ruleText } from './engine/testing.ts';
import { jsonLines, type MatchLine, matchRecords } from './match-file.ts';

const engine = buildEngine(
  loadTexts([`id: r1\nlevel: high\n${ruleText('sel: {A: x}\ncondition: sel')}`]).rules,
);

it('names each match by input, record and rule, and counts what it could not read', async () => {
  const lines: MatchLine[] = [];
  const text = ['\uFEFF{"A": "x"}', '', '{"A": "y"}', '{"A": ', '[1]', '{"A": "X"}'];
  const totals = await matchRecords(engine, 'in.jsonl', jsonLines(text), (line) => lines.push(line));
  expect(lines).toEqual([
    { input: 'in.jsonl', record: 1, rule: 'r1', title: 'A rule', level: 'high' },
    { input: 'in.jsonl', record: 5, rule: 'r1', title: 'A rule', level: 'high' },
  ]);
  expect(totals).toEqual({
    events: 3,
    matches: 2,
    unreadable: [
      { input: 'in.jsonl', record: 3, reason: expect.stringMatching(/^not valid JSON/) },
      { input: 'in.jsonl', record: 4, reason: 'not a JSON object' },
    ],
  });
});
