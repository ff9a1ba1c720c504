/** A real terminal for tests: a tmux server of its own, keys by name, the screen as lines. */
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

export interface TmuxTerminal {
  /** tmux key names: `Enter`, `Escape`, `j`. */
  keys(...names: string[]): void;
  /** Letters as a hand types them: one write each. */
  typed(text: string): void;
  lines(): string[];
  /** The screen with its colour codes. */
  styled(): string;
  /** Waits until the screen shows it, and returns the lines; fails with the screen. */
  until(shown: RegExp): Promise<string[]>;
  resize(columns: number, rows: number): void;
  state(): { alternate: boolean; cursor: boolean };
  /** Process of the program in front. */
  pid(): number;
  close(): void;
}

const PATIENCE_MS = 30_000;
const LOOK_MS = 50;
let count = 0;

/** Runs a shell line in 80x24; `after` is printed with the exit code when it ends, and a shell stays. */
export function tmuxTerminal(line: string, env: Readonly<Record<string, string>>): TmuxTerminal {
  count += 1;
  const socket = `vigia-test-${process.pid}-${count}`;
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' });
  const given = Object.entries({ LANG: 'C.UTF-8', TZ: 'UTC', ...env }).flatMap(([name, value]) => [
    '-e',
    `${name}=${value}`,
  ]);
  tmux(
    'new-session',
    '-d',
    '-s',
    'story',
    '-x',
    '80',
    '-y',
    '24',
    ...given,
    `${line}; echo "ended with $?"; exec cat`,
  );
  const one: TmuxTerminal = {
    keys: (...names) => void tmux('send-keys', '-t', 'story', ...names),
    typed(text) {
      for (const letter of text) tmux('send-keys', '-t', 'story', '-l', letter);
    },
    lines: () => tmux('capture-pane', '-p', '-t', 'story').split('\n'),
    styled: () => tmux('capture-pane', '-pe', '-t', 'story'),
    async until(shown) {
      const end = Date.now() + PATIENCE_MS;
      for (;;) {
        const lines = one.lines();
        if (shown.test(lines.join('\n'))) return lines;
        if (Date.now() > end) throw new Error(`the screen does not show ${shown}:\n${lines.join('\n')}`);
        await pause(LOOK_MS);
      }
    },
    resize: (columns, rows) =>
      void tmux('resize-window', '-t', 'story', '-x', String(columns), '-y', String(rows)),
    state() {
      const [alternate, cursor] = tmux(
        'display-message',
        '-p',
        '-t',
        'story',
        '#{alternate_on} #{cursor_flag}',
      )
        .trim()
        .split(' ');
      return { alternate: alternate === '1', cursor: cursor === '1' };
    },
    pid() {
      const shell = tmux('display-message', '-p', '-t', 'story', '#{pane_pid}').trim();
      return Number(execFileSync('pgrep', ['-P', shell], { encoding: 'utf8' }).trim().split('\n')[0]);
    },
    close() {
      try {
        tmux('kill-server');
      } catch (cause) {
        // It ends by itself with its last program.
        if (!String(cause).includes('no server running')) throw cause;
      }
    },
  };
  return one;
}
