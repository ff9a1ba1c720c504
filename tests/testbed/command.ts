/** Runs one program to its end and gives its output; a failure says which program, how it ended and its last words. */
import { spawn } from 'node:child_process';

export interface Output {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string;
}

/** Gives the output whatever the exit code; throws only when the program cannot be started. */
export async function tryCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Output> {
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => stdout.push(part));
  child.stderr.on('data', (part: Buffer) => stderr.push(part));
  // A program that does not read its input closes the pipe early; its exit code tells the rest.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', (cause) => fail(new Error(`cannot start ${program}`, { cause })));
    child.once('close', done);
  });
  return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

/** Gives stdout; throws when the program fails. Arguments may hold passwords, so the message leaves them out. */
export async function command(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const output = await tryCommand(program, args, options);
  if (output.code === 0) return output.stdout;
  throw new Error(
    `${program} ended with exit code ${output.code}:\n${lastLines(`${output.stdout}${output.stderr}`)}`,
  );
}

/** The end of a long output, where the reason usually stands. */
export function lastLines(text: string, count = 15): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
