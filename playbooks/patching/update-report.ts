/** Reads an update report of a Windows host, made there by the command in docs/patching.md, as what the host is behind by. */
import type { PatchHost } from '../../core/documents.ts';
import { errors, type Problem } from '../../core/errors.ts';

const MAX_BYTES = 8_388_608;
const MAX_TEXT = 500;
const HOST = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;

/** `{host, at, installed: [{id, on?}], missing: [{id, title, severity?, reboot?}], reboot}`; PowerShell adds a byte order mark. */
export function readUpdateReport(text: string, path: string): PatchHost {
  const problems: Problem[] = [];
  const say = (message: string, hint: string) => void problems.push({ path, message, hint });
  if (text.length > MAX_BYTES) throw invalid([{ path, message: `is larger than ${MAX_BYTES} bytes` }]);
  const report = parsed(text.replace(/^\uFEFF/, ''), path);
  const { host, at, reboot } = report;
  if (typeof host !== 'string' || !HOST.test(host))
    say('"host" is no host name', 'make the report with the command in docs/patching.md');
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at)))
    say('"at" is no time', 'write 2026-12-01T22:00:00Z');
  if (reboot !== undefined && typeof reboot !== 'boolean')
    say('"reboot" is not true or false', 'make the report again');
  const installed = listOf(report['installed'], 'installed', say);
  const missing = listOf(report['missing'], 'missing', say);
  if (problems.length > 0) throw invalid(problems);
  return {
    host: String(host),
    seen: {
      at: new Date(String(at)).toISOString(),
      by: 'import',
      manager: 'windows',
      installed: installed.map((row) => ({ name: textOf(row['id']), version: textOf(row['on']) })),
      updates: missing.map((row) => ({
        name: textOf(row['id']),
        source: textOf(row['id']),
        from: 'missing',
        to: textOf(row['title']),
        origin: textOf(row['severity']),
      })),
      held: [],
      stale: [],
      left: [],
      reboot: reboot === true ? ['the report says so'] : [],
    },
  };
}

const invalid = (problems: readonly Problem[]) => errors.invalid('update report', problems);

function parsed(text: string, path: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw invalid([
    { path, message: 'is no JSON object', hint: 'make it with the command in docs/patching.md' },
  ]);
}

type Row = Readonly<Record<string, unknown>>;

/** PowerShell writes a list of one as the one. */
function listOf(value: unknown, name: string, say: (message: string, hint: string) => void): Row[] {
  const rows = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  rows.forEach((row: unknown, index) => {
    const id = (row as Row | null)?.['id'];
    if (typeof id !== 'string' || id === '')
      say(`"${name}" number ${index + 1} has no "id"`, 'an id is KB5031364, or the number of the update');
  });
  return rows as Row[];
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, MAX_TEXT) : '';
