/** `vigia match` on small inputs: what it prints, names and refuses. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lineBatches } from '../../cli/match/batches.ts';
import { runMatch } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigia-match-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const rule = write(
  'shell.yml',
  `title: A shell
id: 11111111-1111-4111-8111-111111111111
level: high
logsource: {product: linux}
detection:
  sel: {exe|endswith: /sh}
  filter: {user: root}
  condition: sel and not filter
`,
);
const TEXT = '\uFEFF{"exe": "/bin/sh"}\r\n\r\n{"exe": "/bin/ls"}\n{"exe": \n[1]\n{"exe": "/bin/SH"}';
const line = (input: string, record: number) =>
  JSON.stringify({
    input,
    record,
    rule: '11111111-1111-4111-8111-111111111111',
    title: 'A shell',
    level: 'high',
  });

describe('vigia match', () => {
  it('counts records from 1 in each input, blank lines not, and names what is no record', async () => {
    const input = write('a.jsonl', TEXT);
    const { lines, notes, exitCode } = await runMatch([input, input], { rules: [rule] });
    expect(lines).toEqual([line(input, 1), line(input, 5), line(input, 1), line(input, 5)]);
    expect(notes.slice(0, 2)).toEqual([
      expect.stringContaining(`${input}: record 3: not valid JSON`),
      `${input}: record 4: not a JSON object`,
    ]);
    expect(exitCode).toBe(0);
  });

  it('reads JSON lines from stdin when the input is a dash, with the same output on threads', () => {
    const root = resolve(import.meta.dirname, '../..');
    for (const threads of ['1', '2']) {
      const ran = spawnSync(
        process.execPath,
        ['cli/main.ts', 'match', '--rules', rule, '--threads', threads, '-'],
        { cwd: root, input: TEXT, encoding: 'utf8' },
      );
      expect([ran.status, ran.stdout]).toEqual([0, `${line('-', 1)}\n${line('-', 5)}\n`]);
    }
  });

  it('keeps the order of inputs and records on threads', async () => {
    const inputs = Array.from({ length: 6 }, (_, index) =>
      // Large and small by turns, so that later batches are done first.
      write(`order-${index}.jsonl`, '{"exe":"/bin/sh"}\n'.repeat(index % 2 === 0 ? 20_000 : 3)),
    );
    const one = await runMatch(inputs, { rules: [rule] });
    expect(one.lines.length).toBe(3 * 20_003);
    expect((await runMatch(inputs, { rules: [rule], threads: '3' })).lines).toEqual(one.lines);
  });

  it('explains each record with --explain: every part, its verdict and what the record holds', async () => {
    const input = write(
      'explain.jsonl',
      '{"exe":"/bin/sh","user":"root\\u001b[2J"}\n{"exe":"/bin/sh","product":"windows"}',
    );
    const { lines } = await runMatch([input], { rules: [rule], explain: true });
    expect(lines).toEqual([
      `${input} record 1: matches`,
      '  + all of',
      '    + exe endsWith "/sh"  ← "/bin/sh"',
      '    + not',
      '      - user equals "root"  ← "root\\u001b[2J"',
      `${input} record 2: does not match (the log source is another one: the rule is not evaluated)`,
      '  + all of',
      '    + exe endsWith "/sh"  ← "/bin/sh"',
      '    + not',
      '      - user equals "root"',
    ]);
    const json = await runMatch([input], { rules: [rule], explain: true }, true);
    expect(json.lines.map((one) => JSON.parse(one))).toMatchObject([
      { input, record: 1, matches: true, logSource: true, condition: { text: 'all of', holds: true } },
      { input, record: 2, matches: false, logSource: false },
    ]);
  });

  it('says what is wrong with the options before it reads anything', async () => {
    const input = write('empty.jsonl', '');
    await expect(runMatch([input], { rules: [rule], threads: '0' })).rejects.toThrow(/--threads 0/);
    await expect(runMatch([input], { rules: [rule], threads: 'two' })).rejects.toThrow(/--threads two/);
    await expect(runMatch([input], {})).rejects.toThrow(/--rules is missing/);
    await expect(runMatch([join(folder, 'none')], { rules: [rule] })).rejects.toThrow(
      /none cannot be read: ENOENT/,
    );
    await expect(runMatch([input], { rules: [folder, rule], explain: true })).resolves.toBeDefined();
    write(
      'second.yml',
      'title: B\nlogsource: {product: linux}\ndetection:\n  sel: {a: b}\n  condition: sel\n',
    );
    await expect(runMatch([input], { rules: [folder], explain: true })).rejects.toThrow(
      /--explain takes one rule; 2 are loaded/,
    );
  });
});

describe('lineBatches', () => {
  const cut = async (chunks: string[], maxLineBytes?: number) => {
    const source = (async function* () {
      for (const chunk of chunks) yield Buffer.from(chunk);
    })();
    const cuts: string[] = [];
    for await (const batch of lineBatches('x', source, maxLineBytes))
      cuts.push(batch.kind === 'lines' ? Buffer.from(batch.bytes).toString() : batch.kind);
    return cuts;
  };
  it('keeps lines whole wherever the chunks are cut', async () => {
    expect(await cut(['a', 'b\nc', 'd', 'e\nf\ng', 'h'])).toEqual(['ab\n', 'cde\nf\n', 'gh']);
    expect(await cut(['a\n', 'b\n'])).toEqual(['a\n', 'b\n']);
    expect(await cut([])).toEqual([]);
  });
  it('passes over a line that is longer than a record can be, and nothing else', async () => {
    expect(await cut(['a\nbbbb', 'bbbb', 'bbbb\nc\n', 'd'], 6)).toEqual(['a\n', 'unreadable', 'c\n', 'd']);
    expect(await cut(['bbbb', 'bbbb'], 6)).toEqual(['unreadable']);
  });
});
