/** Declares every command of the table to the option parser. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command as Program } from 'commander';
import { visible } from '../core/visible.ts';
import type { Command } from './command.ts';
import { type Area, areas } from './commands/index.ts';

export type Execute = (
  one: Command,
  args: readonly string[],
  options: Record<string, unknown>,
) => Promise<void>;

/** `args` as they were typed: the areas that they may mean are loaded, of the others only name and summary are known. */
export async function program(args: readonly string[], execute: Execute): Promise<Program> {
  const root = new Program('vigia')
    .description('Security operations: collect, detect, respond, report.')
    .version(ownVersion(), '--version', 'print the version')
    .option('--config <file>', 'settings file (default: VIGIA_CONFIG, then ./vigia.yml)')
    .option('--json', 'print JSON instead of text')
    .option('--url <url>', 'address of the server (default: VIGIA_URL, else the settings)')
    .showHelpAfterError('(see "vigia --help")')
    .exitOverride()
    // Mistakes repeat what was typed, which may have been pasted from anywhere.
    .configureOutput({
      writeErr: (text) => process.stderr.write(`${text.trimEnd().split('\n').map(shown).join('\n')}\n`),
    });
  for (const area of areas) {
    if (!args.includes(area.name)) root.command(area.name).description(area.summary);
    else for (const one of await area.load()) declare(root, area, one, execute);
  }
  return root;
}

const shown = (line: string) => visible(line, 4_000);

function declare(root: Program, area: Area, one: Command, execute: Execute): void {
  const words = one.name.split(' ');
  let parent = root;
  for (const word of words.slice(0, -1)) {
    parent =
      parent.commands.find((known) => known.name() === word) ??
      parent.command(word).description(area.summary);
    parent.showHelpAfterError(`(see "vigia ${word} --help")`);
  }
  const declared = parent
    .command(words.at(-1)!)
    .description(one.summary ?? area.summary)
    .option('--json', 'print JSON')
    .showHelpAfterError(`(see "vigia ${one.name} --help")`);
  for (const argument of one.arguments?.split(' ') ?? []) declared.argument(argument);
  for (const { flags, summary, many, required, default: usual } of one.options ?? []) {
    const option = declared.createOption(flags, required ? `${summary} (required)` : summary);
    if (usual !== undefined) option.default(usual);
    if (many) option.argParser((value: string, all: string[] = []) => [...all, value]);
    declared.addOption(option.makeOptionMandatory(required === true));
  }
  if (one.example) declared.addHelpText('after', `\nExample: ${one.example}`);
  declared.action(async () => {
    const args = declared.processedArgs.flat().filter((value): value is string => typeof value === 'string');
    await execute(one, args, declared.optsWithGlobals<Record<string, unknown>>());
  });
}

/** Of package.json, from the sources as well as from the build. */
function ownVersion(): string {
  const root = import.meta.filename.endsWith('.ts') ? '..' : '../..';
  const text = readFileSync(join(import.meta.dirname, root, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
