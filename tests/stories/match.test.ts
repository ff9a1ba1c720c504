/** Rules over files without a server, and EVTX files through the whole pipeline. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corpusPath, hasCorpus } from '../corpus.ts';
import { type Installation, install } from './vigia.ts';

const ID = '6f0f5a58-0000-4000-8000-000000000002';
const RULE = `title: Directory object read
id: ${ID}
level: high
logsource: { product: windows, service: security }
detection:
  selection: { EventID: 4662 }
  condition: selection
`;
const event = (fields: object) => JSON.stringify({ product: 'windows', service: 'security', ...fields });

let here: Installation;
let folder: string;
let rules: string;
beforeAll(() => {
  here = install();
  folder = mkdtempSync(join(tmpdir(), 'vigia-match-'));
  rules = join(folder, 'rules.yml');
  writeFileSync(rules, RULE);
});
afterAll(async () => {
  await here.close();
  rmSync(folder, { recursive: true });
});

const match = (args: string[], stdin?: string) =>
  here.vigia(['match', '--rules', rules, ...args], stdin === undefined ? {} : { stdin });
const lines = (stdout: string) =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map(
      (line) =>
        JSON.parse(line) as { input: string; record: number; rule: string; title: string; level: string },
    );

describe('vigia match', () => {
  it('prints one line of JSON per match, from files and from stdin, records counted from 1', async () => {
    const file = join(folder, 'a.jsonl');
    writeFileSync(file, `\ufeff${event({ EventID: 1 })}\n\n${event({ EventID: 4662 })}\r\n`);
    const input = `${event({ EventID: '4662' })}\n${event({ event: { code: '4662' } })}\n${event({ EventID: 4663 })}`;
    const { code, stdout, stderr } = await match([file, '-'], input);
    expect([code, stderr]).toEqual([0, '']);
    expect(lines(stdout)).toEqual([
      { input: file, record: 2, rule: ID, title: 'Directory object read', level: 'high' },
      { input: '-', record: 1, rule: ID, title: 'Directory object read', level: 'high' },
      { input: '-', record: 2, rule: ID, title: 'Directory object read', level: 'high' },
    ]);
  });

  it('asks log sources, unless it is told not to', async () => {
    const other = JSON.stringify({ product: 'linux', EventID: 4662 });
    expect((await match(['-'], other)).stdout).toBe('');
    expect(lines((await match(['-', '--no-routing'], other)).stdout)).toHaveLength(1);
  });

  it('names records that cannot be read, counts the rest of them, and goes on', async () => {
    const { code, stdout, stderr } = await match(
      ['-', '--stats'],
      `${'nonsense\n'.repeat(50)}[1]\n${event({ EventID: 4662 })}`,
    );
    expect(code).toBe(0);
    expect(lines(stdout)).toMatchObject([{ record: 52 }]);
    expect(stderr.match(/record \d+: not valid JSON/g)).toHaveLength(20);
    expect(stderr).toContain('-: 31 more records are not readable');
    expect(stderr).toMatch(
      /rules 1 loaded, 0 refused in \d+ ms; events 1, matches 1, unreadable 51; \d+ events\/s/,
    );
  });

  it('names refused rules on stderr, and makes them an error with --strict', async () => {
    const bad = join(folder, 'bad.yml');
    writeFileSync(bad, RULE.replace('EventID', 'EventID|contain').replace(ID, ID.replace(/2$/, '3')));
    const both = ['-', '--rules', bad];
    const lenient = await match(both, event({ EventID: 4662 }));
    expect([lenient.code, lines(lenient.stdout).length]).toEqual([0, 1]);
    expect(lenient.stderr).toMatch(
      /refused: Directory object read \(bad\.yml\): .*unknown modifier "contain"/,
    );
    expect((await match([...both, '--strict'], event({ EventID: 4662 }))).code).toBe(1);
  });

  it('fills placeholders from a file, and explains a file that is wrong', async () => {
    const placeholders = join(folder, 'placeholders.yml');
    const wanted = join(folder, 'wanted.yml');
    writeFileSync(wanted, RULE.replace('{ EventID: 4662 }', "{ User|expand: '%admins%' }"));
    writeFileSync(placeholders, 'admins: [ana, rita]\n');
    const args = ['match', '--rules', wanted, '--placeholders', placeholders, '-'];
    const stdin = `${event({ User: 'rita' })}\n${event({ User: 'joana' })}`;
    expect(lines((await here.vigia(args, { stdin })).stdout)).toMatchObject([{ record: 1 }]);
    writeFileSync(placeholders, 'admins: { a: 1 }\n');
    const wrong = await here.vigia(args, { stdin });
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('placeholders.yml:1:1')]);
  });

  it('names every input that cannot be read before it begins', async () => {
    const { code, stdout, stderr } = await match(
      [join(folder, 'none'), folder, '-'],
      event({ EventID: 4662 }),
    );
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/none cannot be read: ENOENT/);
    expect(stderr).toMatch(/is a folder; name its files/);
  });

  it('prints nothing that a terminal obeys, whatever rules and records hold', async () => {
    const hostile = join(folder, 'hostile.yml');
    writeFileSync(hostile, RULE.replace('Directory object read', '"a \\u009b2J\\u202e b"'));
    const bad = join(folder, 'hostile-bad.yml');
    writeFileSync(bad, RULE.replace('Directory object read', '"\\e[2J"').replace('high', '"\\e[31m"'));
    const args = ['match', '--rules', hostile, '--rules', bad, '-'];
    const ended = await here.vigia(args, { stdin: `${event({ EventID: 4662 })}\n\u001b[31m\u009b` });
    expect(lines(ended.stdout)[0]?.title).toBe('a \u009b2J\u202e b');
    expect(ended.stdout + ended.stderr).not.toMatch(/[\u001b\u0080-\u009f\u202e]/);
  });
});

const DCSYNC = ['evtx', 'EVTX-ATTACK-SAMPLES', 'Credential Access', 'CA_DCSync_4662.evtx'] as const;
describe.skipIf(!hasCorpus(...DCSYNC))('recorded EVTX files', () => {
  const file = corpusPath(...DCSYNC);

  it('are recognised by their first bytes and matched record by record', async () => {
    const { code, stdout } = await match([file]);
    expect([code, lines(stdout).map(({ record }) => record)]).toEqual([0, [1, 2, 3]]);
  });

  it('are refused from stdin with a reason', async () => {
    const { code, stderr } = await match(['--format', 'evtx', '-'], 'x');
    expect([code, stderr]).toEqual([2, expect.stringContaining('EVTX is not read from stdin')]);
  });

  it('raise an incident through the normal pipeline, once', async () => {
    const before = createHash('sha256').update(readFileSync(file)).digest('hex');
    const place = install({ retentionDays: 36_500 });
    const first = await place.json(['ingest', 'windows-evtx', file]);
    expect(first).toMatchObject({ events: { read: 3, stored: 3 }, deadLetters: 0 });
    expect((first as { incidents: { new: number } }).incidents.new).toBeGreaterThan(0);
    await place.json(['collectors', 'forget']);
    const again = await place.json(['ingest', 'windows-evtx', file]);
    expect(again).toMatchObject({ events: { stored: 0, duplicate: 3 }, alerts: 0, incidents: { new: 0 } });
    expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(before);
    await place.close();
  });

  it('older than retention are counted, with the reason and where to look', async () => {
    const place = install({ retentionDays: 400 });
    const { code, stdout, stderr } = await place.vigia(['ingest', 'windows-evtx', file]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('3 dead-lettered')]);
    expect(stderr).toMatch(/3 dead letters: older than retention$/m);
    await place.close();
  });
});
