/** The log on stderr: JSON lines for machines, one readable line each at a terminal. Text from outside is escaped in both. */
import { type Logger, pino } from 'pino';
import { visible } from '../core/visible.ts';

interface Sink {
  write(text: string): unknown;
  isTTY?: boolean;
}

/** `level` as pino names it; `silent` for none. */
export function openLog(sink: Sink = process.stderr, level = process.env['VIGIA_LOG'] ?? 'info'): Logger {
  const known = level === 'silent' || Object.hasOwn(pino.levels.values, level);
  const shown = sink.isTTY === true ? readable : (line: string) => line;
  const log = pino(
    { level: known ? level : 'info', base: null },
    // JSON escapes C0 itself; the rest of what can command a terminal or hide is escaped here.
    { write: (line) => void sink.write(`${shown(line.trimEnd()).split('\n').map(escaped).join('\n')}\n`) },
  );
  if (!known)
    log.warn(`VIGIA_LOG=${level} is no level; one of ${Object.keys(pino.levels.values).join(', ')}`);
  return log;
}

const escaped = (line: string) => visible(line, Number.POSITIVE_INFINITY);

/** `09:12:44 warn  source web1: …`, then the stack of a bug. */
function readable(line: string): string {
  // Written by pino just now.
  const { level, time, msg, err, ...rest } = JSON.parse(line) as Entry;
  const name = (pino.levels.labels[level] ?? String(level)).padEnd(5);
  const facts = Object.entries(rest).map(([key, value]) => ` ${key}=${visible(JSON.stringify(value))}`);
  const head = `${new Date(time).toISOString().slice(11, 19)} ${name} ${visible(msg ?? err?.message ?? '')}${facts.join('')}`;
  return err?.stack ? `${head}\n${err.stack}` : head;
}

interface Entry {
  level: number;
  time: number;
  msg?: string;
  err?: { message: string; stack?: string };
  [fact: string]: unknown;
}
