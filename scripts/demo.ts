/**
 * `npm run demo`: the recorded scenario, from log lines to incidents, a rehearsed playbook and a report, on the embedded store.
 * Repeating it adds nothing. Options: `--json`, `--samples FOLDER` (another recording of the same layout), `--forget` (delete the checkpoints first).
 */
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../cli/print.ts';
import type { Incident } from '../core/documents.ts';
import { VigiaError } from '../core/errors.ts';
import { compose } from '../server/compose.ts';
import { importOnce } from '../server/import-once.ts';
import type { Parts } from '../server/parts.ts';
import { readSettings } from '../server/settings.ts';
import { showResponse } from './demo-response.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SETTINGS = join(ROOT, 'demo', 'vigia.yml');

const { values: options } = parseArgs({
  options: { json: { type: 'boolean' }, samples: { type: 'string' }, forget: { type: 'boolean' } },
});
const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`);
// A reader that stops reading (`| head`) is no trouble of ours.
process.stdout.on('error', () => process.exit(0));
const shown = (path: string) => relative(process.cwd(), path);

process.env['VIGIA_LOG'] ??= 'warn';
const settings = readSettings(SETTINGS);
if (options.samples) {
  const moved = (file: string) =>
    join(resolve(options.samples!), relative(join(ROOT, 'demo', 'samples'), file));
  for (const source of settings.sources) if (source.files) source.files = source.files.map(moved);
}

let parts: Parts;
try {
  parts = await compose(settings);
} catch (cause) {
  if (!(cause instanceof VigiaError)) throw cause;
  process.stderr.write(`vigia demo: ${cause.message}${cause.hint ? `\n  → ${cause.hint}` : ''}\n`);
  process.exit(cause.exitCode);
}

try {
  if (options.forget) await forget(parts);
  say(
    `Vigia: ${parts.detection.loaded} rules; reading the recorded scenario into ${shown(settings.state)} …`,
  );
  const summary = await importOnce(parts, settings.sources, {
    signal: new AbortController().signal,
    progress: (line) => say(`  ${line}`),
  });
  const { events } = await parts.store.size();
  const incidents = (await parts.incidents.list({ size: 1_000 })).incidents.map(({ body }) => body);
  say(
    `\n${summary.events.read} records read: ${summary.events.stored} new, ${summary.events.duplicate} known already, ${summary.deadLetters} dead-lettered.\n`,
  );
  say(incidents.length === 0 ? 'No incidents.' : incidentTable(incidents));

  const worst = incidents[0];
  const run = await showResponse(parts, incidents, say);
  const written = worst ? await writeReports(parts, worst) : [];
  if (written.length > 0) say(`\nReports\n${written.map((path) => `  ${shown(path)}`).join('\n')}`);
  say(
    `\nTerminal UI:  bin/vigia tui --config ${shown(SETTINGS)}\nCommands:     bin/vigia incidents list --config ${shown(SETTINGS)}`,
  );

  const result = {
    events: { stored: events, new: summary.events.stored },
    incidents: summary.incidents,
    alerts: { new: summary.alerts },
    ...(run ? { run: { number: run.number, state: run.state } } : {}),
    reports: written,
  };
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await parts.close();
}

if (process.stdout.isTTY && process.stdin.isTTY && !options.json) {
  spawnSync(join(ROOT, 'bin', 'vigia'), ['tui', '--config', SETTINGS], { stdio: 'inherit' });
}

function incidentTable(incidents: readonly Incident[]): string {
  const rows = incidents.map((one) => [
    one.severity,
    one.number,
    one.state,
    one.alertCount,
    one.eventCount,
    one.from.slice(0, 19),
    one.title,
  ]);
  return table(['SEVERITY', 'INCIDENT', 'STATE', 'ALERTS', 'EVENTS', 'SINCE (UTC)', 'TITLE'], rows);
}

async function writeReports({ reports }: Parts, incident: Incident): Promise<string[]> {
  const folder = join(settings.state, 'reports');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const written: string[] = [];
  for (const format of ['pdf', 'json'] as const) {
    const { name, content } = await reports.render('initial-notification', incident.id, { format });
    await writeFile(join(folder, name), content, { mode: 0o600 });
    written.push(join(folder, name));
  }
  return written;
}

async function forget({ store }: Parts): Promise<void> {
  const { found } = await store.documents.find('checkpoint', { size: 10_000 });
  for (const { id, version } of found) await store.documents.delete('checkpoint', id, version);
  say(`${found.length} checkpoints deleted; everything is read again.`);
}
