/** Every error that Vigia raises on purpose, with its stable code, message, exit code and hint. */

/** 0 done, 1 found problems, 2 wrong usage, 3 remote unavailable, 4 refused by policy, 70 a bug of ours. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 70;

/** One thing wrong in something a person wrote: where, what, and what to do. Line and column count from 1. */
export interface Problem {
  path: string;
  line?: number;
  column?: number;
  message: string;
  hint?: string;
}

/** `rules/ad/x.yml:12:3 unknown modifier "contain"; did you mean "contains"?` */
export function formatProblem(problem: Problem): string {
  const place = [problem.path, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  return `${place} ${problem.message}${problem.hint ? `; ${problem.hint}` : ''}`;
}

/** Sorted by place, so that a person mends a file from top to bottom. */
export const byPlace = (a: Problem, b: Problem): number =>
  a.path.localeCompare(b.path) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

interface Details {
  code: string;
  exitCode: ExitCode;
  status: number;
  hint?: string;
  problems?: readonly Problem[];
  cause?: unknown;
}

/** An expected failure: shown without a stack. Anything else thrown is a bug of ours (exit 70). */
export class VigiaError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  /** The HTTP status that the API answers with. */
  readonly status: number;
  readonly hint: string | undefined;
  readonly problems: readonly Problem[];
  constructor(message: string, details: Details) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'VigiaError';
    this.code = details.code;
    this.exitCode = details.exitCode;
    this.status = details.status;
    this.hint = details.hint;
    this.problems = details.problems ?? [];
  }
}

/** Somebody else was faster: read again and repeat, or leave it to them. */
export const isConflict = (cause: unknown): boolean =>
  cause instanceof VigiaError && cause.code === 'conflict';

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

export const errors = {
  /** Something a person wrote has mistakes; all of them are listed. */
  invalid: (what: string, problems: readonly Problem[]) =>
    new VigiaError(
      `${what}: ${plural(problems.length, 'problem')}\n${[...problems].sort(byPlace).map(formatProblem).join('\n')}`,
      {
        code: 'invalid',
        exitCode: 2,
        status: 400,
        problems,
      },
    ),
  usage: (message: string, hint?: string) =>
    new VigiaError(message, { code: 'usage', exitCode: 2, status: 400, ...(hint ? { hint } : {}) }),
  notFound: (what: string, id: string) =>
    new VigiaError(`${what} ${JSON.stringify(id)} does not exist`, {
      code: 'not-found',
      exitCode: 1,
      status: 404,
    }),
  /** Somebody else changed the record since it was read. */
  conflict: (what: string, hint = 'read it again and repeat the change') =>
    new VigiaError(`${what} was changed by someone else meanwhile`, {
      code: 'conflict',
      exitCode: 1,
      status: 409,
      hint,
    }),
  refused: (why: string, hint?: string) =>
    new VigiaError(why, { code: 'refused', exitCode: 4, status: 403, ...(hint ? { hint } : {}) }),
  unauthenticated: (why: string) =>
    new VigiaError(why, {
      code: 'unauthenticated',
      exitCode: 4,
      status: 401,
      hint: 'make a token with "vigia tokens create"',
    }),
  /** A system we depend on does not answer or refuses. */
  remote: (system: string, operation: string, cause: unknown, hint?: string) =>
    new VigiaError(
      `${system}: ${operation} failed: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        code: 'remote',
        exitCode: 3,
        status: 503,
        cause,
        ...(hint ? { hint } : {}),
      },
    ),
  /** The embedded store is open in another process. */
  locked: (file: string) =>
    new VigiaError(`the embedded store ${file} is in use by another Vigia process`, {
      code: 'locked',
      exitCode: 4,
      status: 503,
      hint: 'use its API (vigia commands find it by VIGIA_URL), stop it, or use Elasticsearch, which several processes may share',
    }),
} as const;
