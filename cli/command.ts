/** The contract of a command: it declares itself, and returns data; one printer shows it. */
import { type ExitCode, errors } from '../core/errors.ts';
import type { Api } from './api.ts';

export interface Option {
  /** Commander's syntax: `--last <time>`. */
  flags: string;
  summary: string;
  default?: string;
  /** May be given several times. */
  many?: boolean;
  /** Refused with a usage message when it is left out. */
  required?: boolean;
}

/** The number that an option names: `wholeNumber(options, 'size', 1)`. */
export function wholeNumber(options: Readonly<Record<string, unknown>>, name: string, least: number): number {
  const given = Number(options[name]);
  if (String(options[name]).trim() !== '' && Number.isSafeInteger(given) && given >= least) return given;
  throw errors.usage(`--${name} ${String(options[name])} is no whole number of at least ${least}`);
}

export interface Result {
  /** What `--json` prints, on one line. Undefined when the command streamed its own output. */
  data?: unknown;
  /** What a person reads. */
  text?: string;
  exitCode?: ExitCode;
}

export interface Context {
  /** The API: a running server's, or this process's own when nobody serves the embedded store. */
  api(): Promise<Api>;
  settingsFile: string | undefined;
  json: boolean;
  /** Writes a line to stdout at once, for streams of results. */
  print(line: string): void;
  /** Everything that is not a result goes to stderr. */
  note(line: string): void;
  signal: AbortSignal;
}

export interface Command {
  /** `incidents list` */
  name: string;
  /** Left out of a command that is a whole area: the table of areas has it. */
  summary?: string;
  /** Commander's syntax: `<id>`, `[file...]`. */
  arguments?: string;
  options?: readonly Option[];
  example?: string;
  run(args: readonly string[], options: Readonly<Record<string, unknown>>, context: Context): Promise<Result>;
}

export const command = (definition: Command): Command => definition;
