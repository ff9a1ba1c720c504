/**
 * Writes what a terminal showed as an asciicast v2 file (https://docs.asciinema.org/manual/asciicast/v2/). Only output: what is
 * typed and not shown, a password above all, is not in it. Each piece is in the file before the person sees it.
 */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { errors } from '../core/errors.ts';

export interface Cast {
  output(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** Durable on return. */
  close(): { bytes: number; sha256: string };
}

export interface CastOptions {
  readonly title: string;
  readonly columns: number;
  readonly rows: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Never writes over a file. */
export function asciicast(file: string, { title, columns, rows, now }: CastOptions): Cast {
  let fd: number;
  try {
    fd = openSync(file, 'wx', 0o600);
  } catch (cause) {
    throw errors.usage(`the recording ${file} cannot be made: ${(cause as Error).message}`);
  }
  const started = now();
  const hash = createHash('sha256');
  const decoder = new StringDecoder('utf8');
  let bytes = 0;
  const line = (value: unknown): void => {
    const written = Buffer.from(`${JSON.stringify(value)}\n`);
    for (let at = 0; at < written.length; ) at += writeSync(fd, written, at);
    hash.update(written);
    bytes += written.length;
  };
  const event = (code: 'o' | 'r', data: string): void => {
    // A clock that is set back must not make a file that players refuse.
    if (data !== '') line([Math.max(0, now() - started) / 1_000, code, data]);
  };
  line({ version: 2, width: columns, height: rows, timestamp: Math.floor(started / 1_000), title });
  return {
    output: (part) => event('o', decoder.write(Buffer.from(part))),
    resize: (width, height) => event('r', `${width}x${height}`),
    close() {
      event('o', decoder.end());
      fsyncSync(fd);
      closeSync(fd);
      return { bytes, sha256: hash.digest('hex') };
    },
  };
}
