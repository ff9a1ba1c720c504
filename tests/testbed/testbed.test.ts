/** The test bed as a whole: nothing outlives a killed run, suites share servers, and what is missing is said. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Client } from 'pg';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { tryCommand } from './command.ts';
import { componentNames, whyMissing } from './components.ts';
import { foldersOf, removeFolder, temporaryFolder } from './folder.ts';
import { install } from './install.ts';
import { need, needCorpus, needInstalled } from './need.ts';
import { stillRunning } from './processes.ts';
import { askShared, openShared } from './shared.ts';

const postgres = await needInstalled('postgres');
const samba = await needInstalled('samba');
// A running one, as suites ask for it; without a global set-up this file gets its own until its last test.
const given = await need('postgres');
const file = (name: string): string => JSON.stringify(join(import.meta.dirname, name));
const slow = 120_000;

afterEach(() => {
  vi.unstubAllEnvs();
});

samba.describe('a test process that is killed', () => {
  it(
    'takes its servers with it, and the next run sweeps its folders',
    async () => {
      const program = `
      const { startPostgres } = await import(${file('postgres.ts')});
      const { startSamba } = await import(${file('samba.ts')});
      const servers = [await startPostgres(), await startSamba()];
      console.log(JSON.stringify(servers.flatMap((server) => server.pids())));
      setInterval(() => undefined, 1000);
    `;
      const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void owner.kill('SIGKILL'));
      const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
      const pids: number[] = JSON.parse(line);
      // Some of a new controller's own helpers end by themselves; the servers do not.
      expect(stillRunning(pids).length).toBeGreaterThan(2);
      owner.kill('SIGKILL');
      await expect.poll(() => stillRunning(pids), { timeout: 10_000 }).toEqual([]);
      expect(foldersOf(owner.pid!)).toHaveLength(2);
      removeFolder(temporaryFolder('sweep'));
      expect(foldersOf(owner.pid!)).toEqual([]);
    },
    slow,
  );
});

postgres.describe('shared components', () => {
  it(
    'starts one server for two suites that ask at once, and none after closing',
    async () => {
      const shared = await openShared();
      const facts = await Promise.all([
        askShared(shared.socket, 'postgres'),
        askShared(shared.socket, 'postgres'),
      ]);
      const { host, port, database, superuser } = facts[0];
      expect(facts[1]).toEqual(facts[0]);
      const client = new Client({ host, port, database, ...superuser });
      await client.connect();
      expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      await client.end();
      await shared.close();
      await expect(new Client({ host, port, database, ...superuser }).connect()).rejects.toThrow(
        'ECONNREFUSED',
      );
    },
    slow,
  );
});

postgres.describe('need', () => {
  it(
    'gives a running component',
    async () => {
      const { host, port, database, superuser } = given.component;
      const client = new Client({ host, port, database, ...superuser });
      await client.connect();
      await client.end();
    },
    slow,
  );
});

it('need fails in automation and names the cure when a component is missing', async () => {
  vi.stubEnv('CI', 'true');
  vi.stubEnv('VIGIA_CACHE', join(tmpdir(), 'vigia-no-such-folder'));
  const why = /cannot be had: .*no Elasticsearch in .*vigia-no-such-folder.*install\.ts elasticsearch/;
  await expect(need('elasticsearch')).rejects.toThrow(why);
});

it('need warns and skips on a developer machine when a component is missing', async () => {
  vi.stubEnv('CI', '');
  vi.stubEnv('VIGIA_CACHE', join(tmpdir(), 'vigia-no-such-folder'));
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const elasticsearch = await need('elasticsearch');
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('SKIPPED, NOT TESTED: this needs elasticsearch'));
  expect(elasticsearch.isThere).toBe(false);
  expect(() => elasticsearch.component).toThrow('elasticsearch is not there');
  warn.mockRestore();
});

it('needCorpus names the folder that is missing', () => {
  vi.stubEnv('CI', 'true');
  vi.stubEnv('VIGIA_CORPUS', '/vigia-no-such-corpus');
  expect(() => needCorpus('evtx')).toThrow('there is no /vigia-no-such-corpus/evtx. Try: set VIGIA_CORPUS');
});

const lacking = await Promise.all(componentNames.map(whyMissing));

it('install does nothing when everything is there', async () => {
  const steps: string[] = [];
  const wanted = componentNames.filter((_, i) => lacking[i]!.length === 0);
  expect(await install(wanted, (line) => steps.push(line))).toEqual([]);
  expect(steps).toEqual([]);
});

it('install names the components there are when asked for another', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'vigia-cache-'));
  const env = { ...process.env, VIGIA_CACHE: cache };
  const program = join(import.meta.dirname, 'install.ts');
  const output = await tryCommand(process.execPath, [program, 'oracle'], { env });
  removeFolder(cache);
  expect(output.code).toBe(2);
  expect(output.stderr).toContain(`there is no component oracle; choose from ${componentNames.join(', ')}`);
});
