/** `vigia completion SHELL`: a script for the shell, made from the table of commands. */
import { errors } from '../../core/errors.ts';
import { type Command, command } from '../command.ts';

/** What can follow a word: words before it → commands, or options once the command is whole. */
type Next = Map<string, string[]>;

const GLOBAL = ['--config', '--json', '--url', '--help'];

function nextWords(commands: readonly Command[]): Next {
  const next: Next = new Map();
  const add = (before: string, word: string) => {
    const known = next.get(before) ?? [];
    if (!known.includes(word)) next.set(before, [...known, word]);
  };
  for (const one of commands) {
    const words = one.name.split(' ');
    words.forEach((word, at) => {
      add(words.slice(0, at).join(' '), word);
    });
    for (const { flags } of one.options ?? []) add(one.name, flags.split(/[ ,]/)[0]!);
    for (const flag of GLOBAL) add(one.name, flag);
  }
  return next;
}

/** Words are ours: letters, digits and dashes, nothing a shell would take for more. */
const branches = (next: Next) =>
  [...next].map(([before, words]) => `    '${before}') words='${words.join(' ')}' ;;`).join('\n');

const SCRIPTS: Readonly<Record<string, (next: Next) => string>> = {
  bash: (next) => `_vigia() {
  local before='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) continue ;; esac
    case "$before" in *' '*) break ;; esac
    before="\${before:+$before }$word"
  done
  case "$before" in
${branches(next)}
    *) before=\${before%% *}
      case "$before" in
${branches(new Map([...next].filter(([words]) => words !== '' && !words.includes(' '))))}
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ "\${#COMPREPLY[@]}" -gt 0 ] || COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o filenames -F _vigia vigia
`,
  zsh: (next) => `#compdef vigia
autoload -U +X bashcompinit && bashcompinit
${SCRIPTS['bash']!(next)}`,
  fish: (next) =>
    [...next]
      .flatMap(([before, words]) =>
        words.map((word) => {
          const when =
            before === ''
              ? '__fish_use_subcommand'
              : `__fish_seen_subcommand_from ${before.split(' ').at(-1)}`;
          return `complete -c vigia -n '${when}' ${word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`}`;
        }),
      )
      .join('\n'),
};

export const completion = command({
  name: 'completion',
  arguments: '<shell>',
  example: 'source <(vigia completion bash)',
  async run([shell]) {
    const script = Object.hasOwn(SCRIPTS, shell!) ? SCRIPTS[shell!] : undefined;
    if (!script)
      throw errors.usage(`no completion for ${shell}`, `one of ${Object.keys(SCRIPTS).join(', ')}`);
    const { allCommands } = await import('./index.ts');
    const text = script(nextWords(await allCommands())).trimEnd();
    return { data: { shell, script: text }, text };
  },
});
