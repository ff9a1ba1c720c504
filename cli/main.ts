/** Entry of the `vigia` command: declares every command, runs one, prints its result, maps errors to exit codes. */
import { CommanderError, Command as Program } from 'commander';
import { VigiaError } from '../core/errors.ts';
import { visible } from '../core/visible.ts';
import type { Command, Context } from './command.ts';
import { commands, groups } from './commands/index.ts';

const note = (line: string) => process.stderr.write(`${line}\n`);

function program(finish: (code: number) => void): Program {
  const root = new Program('vigia')
    .description('Security operations: collect, detect, respond, report.')
    .option('--config <file>', 'settings file (default: VIGIA_CONFIG, then ./vigia.yml)')
    .option('--json', 'print one JSON document instead of text')
    .option('--url <url>', 'address of the server (default: VIGIA_URL, else the settings)')
    .showHelpAfterError('(see "vigia --help")')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });
  for (const one of commands) declare(root, one, finish);
  return root;
}

function declare(root: Program, one: Command, finish: (code: number) => void): void {
  const words = one.name.split(' ');
  let parent = root;
  for (const word of words.slice(0, -1)) {
    parent =
      parent.commands.find((known) => known.name() === word) ??
      parent
        .command(word)
        .description(groups[word] ?? '')
        .exitOverride()
        .showHelpAfterError();
  }
  const declared = parent
    .command(words.at(-1)!)
    .description(one.summary)
    .option('--json', 'print JSON')
    .exitOverride();
  for (const argument of one.arguments?.split(' ') ?? []) declared.argument(argument);
  for (const option of one.options ?? []) {
    if (option.many)
      declared.option(option.flags, option.summary, (value: string, all: string[] = []) => [...all, value]);
    else declared.option(option.flags, option.summary, option.default);
  }
  if (one.example) declared.addHelpText('after', `\nExample: ${one.example}`);
  declared.action(async () => {
    const options = declared.optsWithGlobals<Record<string, unknown>>();
    const args = declared.processedArgs.flat().filter((value): value is string => typeof value === 'string');
    finish(await execute(one, args, options));
  });
}

async function execute(
  one: Command,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  const { openApi } = await import('./api.ts');
  const opened: { close(): Promise<void> }[] = [];
  const settingsFile = (options['config'] as string | undefined) ?? process.env['VIGIA_CONFIG'];
  const context: Context = {
    settingsFile,
    json: options['json'] === true,
    signal: stop.signal,
    print: (line) => process.stdout.write(`${line}\n`),
    note,
    async api() {
      const api = await openApi({ settingsFile, url: options['url'] as string | undefined, note });
      opened.push(api);
      return api;
    },
  };
  try {
    const result = await one.run(args, options, context);
    if (context.json && result.data !== undefined) process.stdout.write(`${JSON.stringify(result.data)}\n`);
    else if (result.text) process.stdout.write(`${result.text}\n`);
    return result.exitCode ?? 0;
  } finally {
    for (const api of opened) await api.close();
  }
}

/** Usage and remote errors are sentences; anything else is a bug of ours and keeps its stack. */
function explain(cause: unknown): number {
  if (cause instanceof CommanderError) return cause.exitCode === 0 ? 0 : 2;
  if (cause instanceof VigiaError) {
    note(
      `vigia: ${cause.message
        .split('\n')
        .map((line) => visible(line, 4_000))
        .join('\n  ')}${cause.hint ? `\n  → ${cause.hint}` : ''}`,
    );
    return cause.exitCode;
  }
  note(`vigia: a bug of ours: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
  return 70;
}

process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code === 'EPIPE') process.exit(0);
  throw cause;
});
let code = 0;
try {
  await program((result) => {
    code = result;
  }).parseAsync();
} catch (cause) {
  code = explain(cause);
}
process.exitCode = code;
