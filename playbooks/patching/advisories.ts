/** Reads what others publish about vulnerabilities: OSV records (what mends which package), and lists of exploited ones (KEV). */
import type { Advisory } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';

type Json = Readonly<Record<string, unknown>>;
const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isMap) : []);
const textOf = (value: unknown, most = 300): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, most) : undefined;

const CVE = /^CVE-\d{4}-\d{4,7}$/;

export interface ReadAdvisories {
  readonly advisories: readonly Advisory[];
  /** Records without a CVE number, or without anything to do about it. */
  readonly skipped: number;
}

/** `path` names the file, and is kept as the source. */
export function readAdvisories(text: string, path: string): ReadAdvisories {
  const refuse = (message: string) =>
    errors.invalid('advisories', [
      {
        path,
        message,
        hint: 'give OSV records, or the catalogue of exploited vulnerabilities (KEV), as JSON',
      },
    ]);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse('is no JSON');
  }
  if (isMap(value) && Array.isArray(value['vulnerabilities']))
    return known(listOf(value['vulnerabilities']), path);
  const records = Array.isArray(value) ? listOf(value) : isMap(value) ? [value] : [];
  if (!records.some((record) => 'affected' in record))
    throw refuse('holds neither OSV records nor a KEV catalogue');
  return osv(records, path);
}

/** https://www.cisa.gov/known-exploited-vulnerabilities-catalog */
function known(rows: readonly Json[], source: string): ReadAdvisories {
  const advisories = rows.flatMap((row): Advisory[] => {
    const id = textOf(row['cveID']);
    if (id === undefined || !CVE.test(id)) return [];
    const summary = textOf(row['vulnerabilityName']);
    const since = textOf(row['dateAdded'], 10) ?? 'unknown';
    return [{ id, ...(summary ? { summary } : {}), exploited: { since, source }, fixed: [], source }];
  });
  return { advisories, skipped: rows.length - advisories.length };
}

/** https://ossf.github.io/osv-schema/ */
function osv(records: readonly Json[], source: string): ReadAdvisories {
  const read = records.map((record): Advisory[] => {
    const fixed = listOf(record['affected']).flatMap(fixedIn);
    const summary = textOf(record['summary']) ?? textOf(record['details']);
    if (fixed.length === 0) return [];
    return cvesOf(record).map((id) => ({ id, ...(summary ? { summary } : {}), fixed, source }));
  });
  return { advisories: read.flat(), skipped: read.filter((own) => own.length === 0).length };
}

/** Debian's own records are called DEBIAN-CVE-2026-12345. */
function cvesOf({ id, aliases, upstream }: Json): string[] {
  const names = [id, aliases, upstream].flat().filter((name) => typeof name === 'string');
  return [...new Set(names.map((name) => name.replace(/^[A-Z]+-(?=CVE-)/, '')))].filter((name) =>
    CVE.test(name),
  );
}

function fixedIn(affected: Json): Advisory['fixed'] {
  const of = affected['package'];
  const [ecosystem, name] = isMap(of) ? [textOf(of['ecosystem']), textOf(of['name'])] : [];
  if (ecosystem === undefined || name === undefined) return [];
  return listOf(affected['ranges'])
    .flatMap((range) => listOf(range['events']))
    .flatMap((event) => {
      const version = textOf(event['fixed']);
      return version === undefined ? [] : [{ ecosystem, package: name, version }];
    });
}

/** What is known from before stays: one source says what mends, another what is exploited. */
export const joined = (before: Advisory | undefined, now: Advisory): Advisory =>
  before === undefined
    ? now
    : {
        ...before,
        ...now,
        ...((now.exploited ?? before.exploited) ? { exploited: now.exploited ?? before.exploited! } : {}),
        fixed: now.fixed.length > 0 ? now.fixed : before.fixed,
      };
