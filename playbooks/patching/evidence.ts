/** What the host itself wrote about an update: the end of `history.log` and the lines of `dpkg.log`, with their SHA-256. */
import { createHash } from 'node:crypto';
import type { Host } from '../../targets/ssh.ts';

export interface Excerpt {
  readonly file: string;
  readonly text: string;
  readonly sha256: string;
  /** Lines of the excerpt that are left out of `text`, from its beginning; the hash is over what is here. */
  readonly left: number;
}

/** Enough for the longest update of a host; the journal keeps it. */
const READ_BYTES = 262_144;
const MAX_LINES = 400;

const excerpt = (file: string, lines: readonly string[]): Excerpt => {
  const text = lines.slice(-MAX_LINES).join('\n');
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { file, text, sha256, left: Math.max(0, lines.length - MAX_LINES) };
};

/** Never fails: a step that worked does not fail for want of a log. `pin`: one of those that were asked for. */
export async function readEvidence(host: Host, pin: string): Promise<Excerpt[] | string> {
  try {
    const read = async (file: string) =>
      (await host.read(`reading ${file}`, { words: ['/usr/bin/tail', '-c', String(READ_BYTES), file] })).text;
    const last = lastWith(pin, await read('/var/log/apt/history.log'));
    if (last === undefined) return `the history.log of the host does not name ${pin}`;
    const begin = /^Start-Date: (\S+) +(\S+)/m.exec(last)?.slice(1, 3).join(' ');
    const changes = (await read('/var/log/dpkg.log'))
      .split('\n')
      .filter((line) => line !== '' && begin !== undefined && line.slice(0, 19) >= begin);
    return [excerpt('/var/log/apt/history.log', last.split('\n')), excerpt('/var/log/dpkg.log', changes)];
  } catch (cause) {
    return `the logs of the host could not be read: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

/** Somebody else may have used apt meanwhile. */
const lastWith = (pin: string, history: string): string | undefined =>
  history
    .trim()
    .split(/\n\s*\n/)
    .findLast((stanza) => stanza.includes(` ${pin}`));
