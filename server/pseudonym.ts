/** The key under which identifiers of citizens become pseudonyms, from a file or the environment; without one they are hidden. */
import { readFileSync } from 'node:fs';
import { errors } from '../core/errors.ts';
import { type Pseudonym, pseudonyms } from '../core/personal-data.ts';
import type { Settings } from './settings.ts';

/** A shorter key could be tried out together with all identifiers. */
const MIN_CHARACTERS = 32;

export function pseudonymOf(
  { privacy }: Pick<Settings, 'privacy'>,
  env: NodeJS.ProcessEnv = process.env,
): Pseudonym | undefined {
  if (privacy?.keyFile === undefined && privacy?.keyEnv === undefined) return undefined;
  const [where, key] =
    privacy.keyFile === undefined
      ? [`environment variable ${privacy.keyEnv}`, env[privacy.keyEnv!] ?? '']
      : [`file ${privacy.keyFile}`, readKey(privacy.keyFile)];
  if (key.length < MIN_CHARACTERS)
    throw errors.usage(
      `the key for pseudonyms in ${where} has ${key.length} characters`,
      `at least ${MIN_CHARACTERS} are needed: openssl rand -hex 32`,
    );
  return pseudonyms(key);
}

function readKey(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw errors.usage(`the key for pseudonyms cannot be read: ${(cause as Error).message}`);
  }
}
