/** The best Sigma engine that we know, for comparison in the same run: installed once with cargo where there is one. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheFolder } from '../testbed/folder.ts';

const VERSION = '0.26.0';

/** Undefined, and said in words, where it cannot be had. */
export function rsigmaProgram(say: (line: string) => void): string | undefined {
  const root = cacheFolder(`rsigma-${VERSION}`);
  const program = join(root, 'bin', 'rsigma');
  if (existsSync(program)) return program;
  if (spawnSync('cargo', ['--version']).error) {
    say('no comparison with rsigma: there is no cargo on this machine to install it with');
    return undefined;
  }
  say(`installing rsigma ${VERSION} with cargo (once, about ten minutes of compiling)`);
  // Without its service, which we do not measure and which needs most of its packages.
  const { status, stderr } = spawnSync(
    'cargo',
    [
      'install',
      'rsigma',
      '--version',
      VERSION,
      '--no-default-features',
      '--ignore-rust-version',
      '--root',
      root,
    ],
    { encoding: 'utf8' },
  );
  if (status === 0) return program;
  say(`no comparison with rsigma: cargo could not install it: ${stderr.trim().split('\n').at(-1)}`);
  return undefined;
}

/** It takes one folder of rules: one that refers to all of ours. */
export function rsigmaArguments(folders: readonly string[], input: string): string[] {
  const rules = cacheFolder(`rsigma-${VERSION}`, 'rules');
  rmSync(rules, { recursive: true, force: true });
  mkdirSync(rules);
  for (const folder of folders) symlinkSync(folder, join(rules, basename(folder)));
  return [
    ...['engine', 'eval', '--rules', rules, '--logsource-routing', '--no-stats'],
    ...['--input-format', 'json', '--output-format', 'ndjson', '--event', `@${input}`],
  ];
}
