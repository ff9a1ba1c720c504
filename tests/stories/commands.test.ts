/** Every command on an installation with recorded events: what it prints where, as text and as JSON, and how it ends. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Incident } from '../../core/documents.ts';
import { type Installation, install, sample } from './vigia.ts';

let here: Installation;
let incident: Incident;
beforeAll(async () => {
  here = install();
  const summary = await here.json([
    'ingest',
    'samba-audit',
    sample('samba-ad', 'group.jsonl'),
    '--host',
    'dc1',
  ]);
  expect(summary).toMatchObject({ events: { read: 36, stored: 36, duplicate: 0 }, deadLetters: 0 });
  incident = ((await here.json(['incidents', 'list'])) as { incidents: Incident[] }).incidents[0]!;
});
afterAll(() => here.close());

describe('reading again', () => {
  it('knows a file that was read before, and knows it still when its checkpoint is gone', async () => {
    const again = () =>
      here.json(['ingest', 'samba-audit', sample('samba-ad', 'group.jsonl'), '--host', 'dc1']);
    expect(await again()).toMatchObject({ events: { read: 0, stored: 0 }, alerts: 0, incidents: { new: 0 } });
    const { forgotten } = (await here.json(['collectors', 'forget'])) as { forgotten: string[] };
    expect(forgotten).toHaveLength(1);
    expect(await again()).toMatchObject({
      events: { read: 36, stored: 0, duplicate: 36 },
      alerts: 0,
      incidents: { new: 0 },
    });
  });

  it('keeps two files of one name apart', async () => {
    const apart = install();
    const lines = readFileSync(sample('samba-ad', 'password.jsonl'), 'utf8').trim().split('\n');
    const ingest = (folder: string) =>
      apart.json(['ingest', 'samba-audit', join(apart.folder, folder, 'x.jsonl')]);
    for (const [folder, part] of [
      ['a', lines.slice(0, 9)],
      ['b', lines.slice(9)],
    ] as const) {
      mkdirSync(join(apart.folder, folder));
      writeFileSync(join(apart.folder, folder, 'x.jsonl'), `${part.join('\n')}\n`);
      expect(await ingest(folder)).toMatchObject({ events: { stored: 9 } });
    }
    expect(await ingest('a')).toMatchObject({ events: { stored: 0 } });
    await apart.close();
  });
});

describe('dead letters', () => {
  it('become events once the settings say how to read them', async () => {
    const own = install();
    writeFileSync(
      join(own.folder, 'app.log'),
      Buffer.from('Nov 21 10:00:00 app1 payd[7]: aten\u00e7\u00e3o\n', 'latin1'),
    );
    const says = (encoding: object) =>
      writeFileSync(
        join(own.folder, 'vigia.yml'),
        JSON.stringify({
          sources: [{ id: 'app', collector: 'linux-syslog', files: ['app.log'], ...encoding }],
        }),
      );
    says({});
    await own.json(['ingest', 'linux-syslog', join(own.folder, 'app.log'), '--source', 'app']);
    const none = await own.vigia(['dead-letters', 'retry', '--source', 'app']);
    expect([none.code, none.stdout]).toEqual([
      1,
      expect.stringMatching(/0 became events[\s\S]*refused +not valid UTF-8/),
    ]);
    says({ encoding: 'latin1' });
    expect(await own.json(['dead-letters', 'retry'])).toEqual({
      stored: 1,
      duplicate: 0,
      refused: {},
      impossible: {},
    });
    expect(await own.json(['health'])).toMatchObject({ difference: 0, deadLetters: 0 });
    await own.close();
  });
});

describe('rules backtest', () => {
  const span = ['--from', '2000-01-01', '--to', '2100-01-01'];
  interface Counted {
    complete: boolean;
    rules: { title: string; matches: number; samples: string[] }[];
    cost: { fetched: number };
  }
  const fired = ({ rules }: Counted) => rules.filter(({ matches }) => matches > 0);

  it('counts what all loaded rules would have matched, and a rule that is not loaded yet', async () => {
    const all = (await here.json(['rules', 'backtest', '--all', ...span])) as Counted;
    expect(all.complete).toBe(true);
    expect(fired(all).length).toBeGreaterThan(0);
    expect(all.cost.fetched).toBe(36);
    const file = join(here.folder, 'new-rule.yml');
    writeFileSync(
      file,
      'title: Not loaded yet\nid: 3c1d5a52-6d0f-4f0e-8a57-0d3c5f1e2a77\nlogsource: {category: anything}\ndetection: {sel: {event.dataset: samba*}, condition: sel}\n',
    );
    const one = (await here.json(['rules', 'backtest', file, ...span])) as Counted;
    expect(one.rules.map(({ title }) => title)).toEqual(['Not loaded yet']);
    expect(one.rules[0]!.samples[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('refuses what names no rule or no time, with what to write', async () => {
    for (const [args, message] of [
      [[], /no rule is named\n.*name files/],
      [['--all', '--last', 'long'], /--last long is no span of time/],
      [['--all', '--from', 'yesterday'], /--from yesterday is no time/],
      [['--all', '--last', '1d', '--to', '2026-01-01'], /--last cannot be joined/],
    ] as const) {
      const ran = await here.vigia(['rules', 'backtest', ...args]);
      expect([ran.code, ran.stderr]).toEqual([2, expect.stringMatching(message)]);
    }
  });
});

describe('while the service runs', () => {
  beforeAll(async () => {
    await here.serve();
  });

  describe('every command', () => {
    it.each<[string, string[], number?]>([
      ['incidents', ['incidents', 'list', '--state', 'all']],
      ['incident', ['incidents', 'show', '1']],
      ['events', ['events', 'search', 'event.dataset:samba.group']],
      ['flows', ['playbooks', 'list']],
      ['runs', ['runs', 'list']],
      ['rules', ['rules', 'list']],
      ['rules', ['rules', 'list', '--state']],
      ['rules', ['rules', 'list', '--state', 'can-fire']],
      ['cases', ['rules', 'test']],
      ['mutants', ['rules', 'test', '--mutate', 'detections/rules/web']],
      ['states', ['rules', 'coverage', '--last', '3650d']],
      ['rules', ['rules', 'scorecard', '--last', '3650d']],
      ['problems', ['rules', 'check']],
      ['collectors', ['collectors', 'list']],
      ['deadLetters', ['dead-letters', 'list']],
      ['ledger', ['health', '--ledger']],
      ['findings', ['doctor']],
      ['tokens', ['tokens', 'list']],
      ['chains', ['audit', 'verify']],
      ['ok', ['settings', 'check']],
      ['script', ['completion', 'bash']],
    ])('prints %s as one line of JSON, and as text otherwise', async (key, args, code = 0) => {
      const given = args.map((word) => (word === '1' ? incident.number : word));
      const machine = await here.vigia([...given, '--json']);
      expect([machine.code, machine.stderr]).toEqual([code, '']);
      expect(
        machine.stdout.endsWith('}\n') && machine.stdout.indexOf('\n') === machine.stdout.length - 1,
      ).toBe(true);
      expect(Object.keys(JSON.parse(machine.stdout) as object)).toContain(key);
      const person = await here.vigia(given);
      expect([person.code, person.stderr]).toEqual([code, '']);
      expect(person.stdout).not.toMatch(/^[{[]/);
      expect(person.stdout.trim()).not.toBe('');
    });

    it('writes a Navigator layer and a page of what the rules cover', async () => {
      const layer = join(here.folder, 'layer.json');
      const args = ['--navigator', layer, '--out', join(here.folder, 'coverage')];
      const said = (await here.json(['rules', 'coverage', '--last', '3650d', ...args])) as {
        attack: { covered: number };
      };
      const { techniques } = JSON.parse(readFileSync(layer, 'utf8')) as {
        techniques: { techniqueID: string; score: number }[];
      };
      expect(techniques.filter(({ score }) => score > 0)).toHaveLength(said.attack.covered);
      expect(techniques.find(({ techniqueID }) => techniqueID === 'T1098')?.score).toBeGreaterThan(0);
      const page = readFileSync(join(here.folder, 'coverage', 'attack-coverage.md'), 'utf8');
      expect(page).toMatch(
        /\| \[T1098\]\(.*\) Account Manipulation \| covered \| .*Member added to privileged group/,
      );
    });

    it('takes --config after its own words too, and VIGIA_CONFIG', async () => {
      const { vigia } = install();
      const elsewhere = await vigia(['incidents', 'list', '--state', 'all', '--config', here.settings]);
      expect(elsewhere.stdout).toContain(incident.number);
    });

    it('reads ./vigia.yml when no other file is named', async () => {
      const { spawnSync } = await import('node:child_process');
      const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');
      const { VIGIA_CONFIG: _, ...env } = process.env;
      const { stdout } = spawnSync(process.execPath, [main, 'incidents', 'list'], { cwd: here.folder, env });
      expect(stdout.toString()).toContain(incident.number);
    });
  });

  describe('triage', () => {
    it('takes an incident from new to closed, each change by name', async () => {
      const said: string[] = [];
      for (const words of [
        ['ack'],
        ['assign', '--to', 'rita'],
        ['note', '--text', 'called the owner'],
        ['severity', '--level', 'critical', '--reason', 'payroll'],
        ['wait', '--until', '2099-01-01T00:00:00Z'],
        ['wake'],
        ['contain'],
        ['significance', '--decided', 'no', '--reason', 'an exercise'],
        ['close', '--verdict', 'exercise', '--reason', 'drill'],
        ['reopen', '--reason', 'not a drill'],
      ]) {
        const { code, stdout, stderr } = await here.vigia([
          'incidents',
          words[0]!,
          incident.number,
          ...words.slice(1),
        ]);
        said.push(`${code} ${stdout.trim()}${stderr}`);
      }
      const owner = 'owner rita.';
      expect(said.map((line) => line.replace(incident.number, 'it'))).toEqual([
        expect.stringMatching(/^0 it is acknowledged, owner \w+\.$/),
        ...[
          'acknowledged',
          'acknowledged',
          'acknowledged',
          'waiting',
          'acknowledged',
          'contained',
          'contained',
          'closed',
          'acknowledged',
        ].map((state) => `0 it is ${state}, ${owner}`),
      ]);
      const { stdout } = await here.vigia(['incidents', 'show', incident.number]);
      expect(stdout).toContain('called the owner');
    });

    it('writes the report of an incident, readable by its owner only', async () => {
      const out = join(here.folder, 'out');
      const { stdout } = await here.vigia(['report', 'initial-notification', incident.number, '--out', out]);
      expect(statSync(stdout.trim()).mode & 0o777).toBe(0o600);
      expect(readFileSync(stdout.trim()).subarray(0, 5).toString()).toBe('%PDF-');
      expect(readdirSync(out)).toHaveLength(1);
    });

    it('builds dashboards as files', async () => {
      const out = join(here.folder, 'grafana');
      const { files } = (await here.json(['dashboards', 'build', '--out', out])) as { files: string[] };
      expect(files.length).toBeGreaterThan(1);
      for (const file of files) expect(statSync(file).size).toBeGreaterThan(0);
    });
  });

  describe('exit codes', () => {
    it.each<[number, string, string[], RegExp]>([
      [2, 'an unknown command', ['incidents', 'lst'], /Did you mean list\?/],
      [2, 'an unknown option', ['incidents', 'list', '--stat', 'x'], /Did you mean --state\?/],
      [2, 'a missing argument', ['incidents', 'show'], /missing required argument 'incident'/],
      [2, 'a missing option', ['incidents', 'assign', 'INC-1'], /required option '--to <user>'/],
      [2, 'a number that is none', ['events', 'search', 'a', '--size', 'x'], /--size x is no whole number/],
      [2, 'a query that cannot be read', ['events', 'search', '(a'], /query:1:/],
      [2, 'a span that is none', ['events', 'search', 'a', '--last', '1y'], /write 90s, 30m, 24h or 7d/],
      [2, 'a collector that is none', ['ingest', 'nothing', '/etc/hostname'], /no collector "nothing"/],
      [
        2,
        'inputs that are not there',
        ['ingest', 'samba-kdc', '/none/a', '/none/b'],
        /\/none\/a there.*\n.*\/none\/b there/,
      ],
      [2, 'rules that are not there', ['rules', 'check', '/none'], /cannot read rules from \/none/],
      [2, 'a state that is none', ['rules', 'list', '--state', 'can-fir'], /did you mean "can-fire"/],
      [
        2,
        'a span that is no number of days',
        ['rules', 'scorecard', '--last', '9h'],
        /write for example 30d/,
      ],
      [2, 'a settings file that is not there', ['--config', '/none', 'health'], /name it with --config/],
      [2, 'no terminal', ['tui'], /needs a terminal/],
      [2, 'a shell we do not know', ['completion', 'cmd'], /one of bash, zsh, fish/],
      [1, 'an incident that does not exist', ['incidents', 'show', 'INC-1'], /does not exist/],
      [
        3,
        'a server that is not there',
        ['--url', 'http://127.0.0.1:1', 'incidents', 'list'],
        /is "vigia serve" running/,
      ],
      [2, 'an address that is none', ['--url', 'nonsense', 'incidents', 'list'], /is no address of a server/],
      [
        2,
        'a folder that cannot be written',
        ['dashboards', 'build', '--out', '/dev/null/x'],
        /\/dev\/null\/x/,
      ],
    ])('end with %i for %s, with nothing on stdout and no stack', async (code, _, args, message) => {
      const ended = await here.vigia(args);
      expect([ended.code, ended.stdout]).toEqual([code, '']);
      expect(ended.stderr).toMatch(message);
      expect(ended.stderr).not.toMatch(/\n\s+at .+:\d+:\d+/);
    });

    it('end with 4 for a token without the role', async () => {
      const made = (await here.json(['tokens', 'create', 'ana', '--role', 'viewer'])) as { token: string };
      const ended = await here.vigia(['incidents', 'ack', incident.number], {
        env: { VIGIA_TOKEN: made.token },
      });
      expect([ended.code, ended.stdout]).toEqual([4, '']);
      expect(ended.stderr).toContain('ana lacks the role');
      const [, id] = made.token.split('_');
      expect((await here.vigia(['tokens', 'revoke', id!])).code).toBe(0);
      const revoked = await here.vigia(['incidents', 'list'], { env: { VIGIA_TOKEN: made.token } });
      expect([revoked.code, revoked.stderr]).toEqual([4, expect.stringContaining('revoked')]);
    });

    it('end with 1 when rules have mistakes, each named with its place', async () => {
      const file = join(here.folder, 'bad.yml');
      writeFileSync(
        file,
        `title: Bad
id: 6f0f5a58-0000-4000-8000-000000000001
level: hgh
logsource: { category: process_creation }
detection:
  selection:
    Image|contain: a
  condition: selection and other
`,
      );
      const { code, stdout } = await here.vigia(['rules', 'check', file]);
      expect(code).toBe(1);
      expect(stdout).toMatch(/bad\.yml:3:1 level "hgh" is not known; did you mean "high"\?/);
      expect(stdout).toMatch(/bad\.yml:7:5 unknown modifier "contain"; did you mean "contains"\?/);
      expect(stdout).toMatch(/bad\.yml:8:3 condition: there is no search identifier "other"/);
    });

    it('end with 1 when a rule could lose a part without a case that notices', async () => {
      const file = join(here.folder, 'half_proven_rule.yml');
      writeFileSync(
        file,
        'title: Half proven rule\nlogsource: { product: linux }\ndetection: { sel: { a: 1, b: 2 }, condition: sel }\n',
      );
      writeFileSync(
        join(here.folder, 'half_proven_rule.test.yml'),
        'base: { a: 1, b: 2 }\ncases:\n  - { name: a hit, expect: match }\n  - { name: a miss, change: { a: 3 }, expect: miss }\n',
      );
      const { code, stdout } = await here.vigia(['rules', 'test', '--mutate', file]);
      expect(code).toBe(1);
      expect(stdout).toMatch(
        /half_proven_rule\.yml:3:27 no case notices "sel without b"; add an event that differs/,
      );
      expect(stdout).toContain('4 mutants, 1 survive, 0 explained, 0 problems.');
    });

    it('end with 1 when the audit trail was altered', async () => {
      const altered = install();
      await altered.vigia(['tokens', 'list']);
      await altered.vigia(['tokens', 'create', 'x', '--role', 'viewer']);
      writeFileSync(join(altered.folder, 'state', 'audit.key'), Buffer.alloc(32, 1).toString('hex'));
      const { code, stdout } = await altered.vigia(['audit', 'verify']);
      expect([code, stdout]).toEqual([1, expect.stringContaining('is not what was written')]);
      await altered.close();
    });
  });
});

describe('doctor', () => {
  it('ends with 1 and names what is wrong with what to do', async () => {
    const sick = install({
      targets: {
        ad: { kind: 'directory', url: 'ldaps://127.0.0.1:1', bindDn: 'vigia@x', passwordFile: 'ad.secret' },
      },
      sources: [
        {
          id: 'senders',
          collector: 'linux-syslog',
          listen: { bulk: { address: '127.0.0.1:0', credentialsFile: 'senders' } },
        },
      ],
    });
    for (const name of ['ad.secret', 'senders'])
      writeFileSync(join(sick.folder, name), 'hunter2', { mode: 0o644 });
    const { code, stdout } = await sick.vigia(['doctor']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/WRONG\s+targets\s+ad\s+directory, account vigia@x/);
    for (const name of ['ad.secret', 'senders'])
      expect(stdout).toMatch(new RegExp(`WRONG\\s+secrets\\s+\\S+${name}\\s+mode 0644 → chmod 600 `));
    expect(stdout).not.toContain('hunter2');
    await sick.close();
  });
});
