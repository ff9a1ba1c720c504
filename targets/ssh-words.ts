/** Turns a program and its arguments into the one line that SSH sends to a login shell: every word quoted, none able to become two. */
import { errors } from '../core/errors.ts';

/** The one place where a value meets a shell. Single quotes switch everything off but the single quote itself. */
export function quotedWord(word: string): string {
  if (word.includes('\0')) throw errors.usage('a command for a host may not hold a null character');
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

export const commandLine = (words: readonly string[]): string => words.map(quotedWord).join(' ');
