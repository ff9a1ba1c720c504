/** The arrows of the folder table: who may import whom. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const FEATURES = ['collectors', 'detections', 'incidents', 'playbooks', 'access', 'reports', 'dashboards'];
/** Folder → folders it may import besides itself. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  store: ['core'],
  targets: ['core'],
  ...Object.fromEntries(FEATURES.map((feature) => [feature, ['core', 'targets']])),
  server: ['core', 'store', 'targets', ...FEATURES],
  // Commands use the API; offline ones call pure functions of features, and some start the server's parts in their own process.
  cli: ['core', 'server', ...FEATURES],
  scripts: ['core', 'server', 'cli', 'tests', ...FEATURES],
};

const files = (folder: string): string[] =>
  existsSync(join(ROOT, folder))
    ? readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

const imports = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name!);

/** What is loaded with a file: neither types nor what is imported when it is needed. */
const staticImports = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm)].map(
    ([, name]) => name!,
  );

describe('the folder table', () => {
  it.each(Object.keys(ARROWS))('%s imports only what it may', (folder) => {
    const wrong = files(folder).flatMap((path) =>
      imports(path)
        .filter((name) => name.startsWith('.'))
        .map((name) => relative(ROOT, resolve(dirname(path), name)))
        .filter((target) => {
          const to = target.split('/')[0]!;
          return to !== folder && !ARROWS[folder]!.includes(to);
        })
        .map((target) => `${relative(ROOT, path)} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('loads no part of the service before a command runs: its help is there at once', () => {
    const reached = new Map<string, string>();
    const commands = files('cli/commands').filter((path) => !path.endsWith('.test.ts'));
    const waiting = [join(ROOT, 'cli/main.ts'), ...commands].map((path) => [path, '']);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [path, from] = next as [string, string];
      if (reached.has(path)) continue;
      reached.set(path, from);
      for (const name of staticImports(path))
        if (name.startsWith('.')) waiting.push([resolve(dirname(path), name), relative(ROOT, path)]);
    }
    const wrong = [...reached]
      .map(([path, from]) => `${from} imports ${relative(ROOT, path)}`)
      .filter((line) => !/ imports (cli|core)\//.test(line));
    expect(wrong).toEqual([]);
    expect(reached.size).toBeGreaterThan(30);
  });

  it('loads no command before its word was typed', () => {
    const loaded = staticImports(join(ROOT, 'cli/program.ts')).concat(
      staticImports(join(ROOT, 'cli/commands/index.ts')),
      staticImports(join(ROOT, 'cli/main.ts')),
    );
    expect(loaded.filter((name) => name.startsWith('.') && name.includes('commands/'))).toEqual([
      './commands/index.ts',
    ]);
  });

  it('lets React in nowhere but the terminal UI', () => {
    const wrong = Object.keys(ARROWS)
      .flatMap(files)
      .filter((path) => imports(path).some((name) => name === 'react' || name === 'ink'))
      .map((path) => relative(ROOT, path))
      .filter((path) => !/^cli\/tui\/(screens|components)\/|^cli\/tui\/(app|start)\.tsx?$/.test(path));
    expect(wrong).toEqual([]);
  });

  it('begins every file with a sentence that says what it is for', () => {
    const silent = Object.keys(ARROWS)
      .flatMap(files)
      .filter((path) => !/^(#!.*\n)?\/\*\*/.test(readFileSync(path, 'utf8')))
      .map((path) => relative(ROOT, path));
    expect(silent).toEqual([]);
  });

  it('lists every collector that lies in its folder', async () => {
    const { collectors } = await import('../collectors/index.ts');
    const units = readdirSync(join(ROOT, 'collectors')).filter(
      (name) => /^[a-z-]+\.ts$/.test(name) && !['collector.ts', 'index.ts', 'run.ts'].includes(name),
    );
    expect(collectors.map((one) => `${one.id}.ts`).sort()).toEqual(units.sort());
  });

  it('names no path of a machine and no download address of a package', () => {
    const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
    expect(lock).not.toMatch(/"resolved": "http/);
  });
});
