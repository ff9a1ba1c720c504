/** Entry of the `vigia` command: runs one command, prints its result, maps errors to exit codes. */
import { CommanderError } from 'commander';
import { VigiaError } from '../core/errors.ts';
import { jsonLine, visible } from '../core/visible.ts';
import type { Command, Context } from './command.ts';
import { program } from './program.ts';

const note = (text: string) =>
  process.stderr.write(
    `${text
      .split('\n')
      .map((line) => visible(line, 4_000))
      .join('\n')}\n`,
  );

async function execute(
  one: Command,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<void> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  const opened: { close(): Promise<void> }[] = [];
  const settingsFile = options['config'] as string | undefined;
  const context: Context = {
    settingsFile,
    json: options['json'] === true,
    signal: stop.signal,
    print: (line) => process.stdout.write(`${line}\n`),
    note,
    async api() {
      const { openApi } = await import('./api.ts');
      const api = await openApi({
        settingsFile,
        url: options['url'] as string | undefined,
        signal: stop.signal,
      });
      opened.push(api);
      return api;
    },
  };
  try {
    const result = await one.run(args, options, context);
    if (context.json && result.data !== undefined) context.print(jsonLine(result.data));
    else if (result.text) context.print(result.text);
    process.exitCode = result.exitCode ?? 0;
  } finally {
    for (const api of opened) await api.close();
  }
}

/** What a person can mend by naming another file, and what the machine lacks. */
const PATH_ERRORS = ['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ENOTDIR', 'EROFS', 'EEXIST', 'ENAMETOOLONG'];
const MACHINE_ERRORS = ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE'];

/** Usage and remote errors are sentences; anything else is a bug of ours and keeps its stack. */
function explain(cause: unknown): number {
  if (cause instanceof CommanderError) return cause.exitCode === 0 ? 0 : 2;
  if (cause instanceof VigiaError) {
    const [first, ...more] = cause.message.split('\n');
    note(
      [
        `vigia: ${first}`,
        ...more.map((line) => `  ${line}`),
        ...(cause.hint ? [`  → ${cause.hint}`] : []),
      ].join('\n'),
    );
    return cause.exitCode;
  }
  const { code = '', syscall } = cause as NodeJS.ErrnoException;
  if (syscall !== undefined && [...PATH_ERRORS, ...MACHINE_ERRORS].includes(code)) {
    note(`vigia: ${(cause as Error).message}`);
    return PATH_ERRORS.includes(code) ? 2 : 3;
  }
  note(`vigia: a bug of ours: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
  return 70;
}

process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code === 'EPIPE') process.exit(0);
  throw cause;
});
try {
  const args = process.argv.slice(2);
  await (await program(args, execute)).parseAsync(args, { from: 'user' });
} catch (cause) {
  process.exitCode = explain(cause);
}
