/** `npm test`: installs the real components, checks format, lint and types, runs every test, ends with one line of counts. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name: string; status: string; message: string; assertionResults: unknown[] }[];
}

const root = join(import.meta.dirname, '..');
const run = (command: string, ...args: string[]) =>
  spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
const node = join(root, 'bin', 'node');
const only = process.argv.slice(2);

const started = Date.now();
const since = () => `${Math.round((Date.now() - started) / 1_000)} s`;
const step = (what: string) => process.stderr.write(`vigia test: ${what} (${since()})\n`);

let broken = 0;
if (only.length === 0) {
  step('format, lint and types');
  if (run('sh', 'scripts/lint') !== 0) broken += 1;
  step('installing the real components that lack');
  if (run('sh', node, 'tests/testbed/install.ts') !== 0)
    process.stderr.write('vigia test: some components could not be installed; their suites say so\n');
}
step('tests');
const folder = mkdtempSync(join(tmpdir(), 'vigia-test-'));
const output = join(folder, 'report.json');
const status = run(
  'sh',
  node,
  'node_modules/vitest/vitest.mjs',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${output}`,
  ...only,
);
let report: Report | undefined;
try {
  report = JSON.parse(readFileSync(output, 'utf8')) as Report;
} catch {
  process.stderr.write('vigia test: the test runner wrote no report\n');
}
rmSync(folder, { recursive: true, force: true });

/** A file that failed before its first test counts as one failure, or nobody would see it in the counts. */
const unstarted =
  report?.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
    .length ?? 1;
const passed = report?.numPassedTests ?? 0;
const failed = (report?.numFailedTests ?? 0) + unstarted + broken;
const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
step('done');
if (process.env['CI'] === 'true' && skipped > 0)
  process.stderr.write('vigia test: a skipped test is a failure in CI\n');
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode =
  failed > 0 ||
  (status !== 0 && passed === 0) ||
  (status !== 0 && failed === 0) ||
  (process.env['CI'] === 'true' && skipped > 0)
    ? 1
    : 0;
