/** What the records of one audit event hold together: arguments, paths, and every key with its values. */
import { posix } from 'node:path';
import type { AuditRecord } from './fields.ts';

/** Arguments that get a field of their own (`a0` …); all are in `process.args`. */
const OWN_ARGUMENTS = 16;
/** Different keys kept of one event; the kernel writes some fifty, all of them are in `event.original`. */
const MAX_KEYS = 120;

/** Arguments of EXECVE in order; long ones come in pieces: `a1[0]`, `a1[1]`. */
export function argumentsOf(records: readonly AuditRecord[]): string[] {
  const args: string[] = [];
  for (const { type, fields } of records) {
    if (type !== 'EXECVE') continue;
    for (const { key, value } of fields) {
      const index = /^a(\d{1,5})(?:\[\d{1,4}\])?$/.exec(key)?.[1];
      if (index !== undefined) args[Number(index)] = (args[Number(index)] ?? '') + value;
    }
  }
  // A lost record leaves a gap; an argument that is not there is an empty one.
  return Array.from(args, (one) => one ?? '');
}

/** Every key with all its different values, as Sigma's auditd rules name them. */
export function factsOf(
  records: readonly AuditRecord[],
  args: readonly string[],
  syscall: string | undefined,
): Map<string, Set<string>> {
  const facts = new Map<string, Set<string>>();
  const add = (key: string, value: string) => {
    const known = facts.get(key);
    if (known === undefined) {
      if (facts.size < MAX_KEYS) facts.set(key, new Set([value]));
    } else known.add(value);
  };
  for (const { type, fields } of records) {
    add('type', type);
    for (const { key, value } of fields) {
      if (value === '' || value === '(null)' || value === '?') continue;
      // `a0` of a program beats `a0` of the system call that started it.
      if (/^a\d/.test(key)) {
        if (type === 'SYSCALL' && args.length === 0) add(key, value);
      } else if (key === 'proctitle') add(key, value.replaceAll('\0', ' ').trimEnd());
      else if (key === 'key') for (const one of value.split('\u0001')) add(key, one);
      else if (/^[A-Za-z][\w-]{0,31}$/.test(key)) add(key, value);
    }
  }
  if (syscall !== undefined) for (const key of ['syscall', 'SYSCALL']) add(key, syscall);
  args.slice(0, OWN_ARGUMENTS).forEach((value, i) => {
    facts.set(`a${i}`, new Set([value]));
  });
  return facts;
}

export interface Path {
  name: string;
  nametype: string;
}

/** Paths with the names as given and, for relative ones, from the working directory. */
export function pathsOf(records: readonly AuditRecord[], cwd: string | undefined): Path[] {
  return records
    .filter(({ type }) => type === 'PATH')
    .flatMap(({ fields }) => {
      const value = (key: string) => fields.find((field) => field.key === key)?.value;
      const name = value('name');
      if (name === undefined || name === '(null)') return [];
      const isRelative = !name.startsWith('/') && cwd?.startsWith('/');
      return [
        { name: isRelative ? posix.resolve(cwd!, name) : name, nametype: value('nametype') ?? 'UNKNOWN' },
      ];
    });
}
