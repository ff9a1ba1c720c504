/**
 * The journal of systemd becomes ECS events, the same as those of the log files: datasets linux.auth, linux.cron,
 * linux.syslog, so that the same rules look at them. Delivery: at least once from files, ids by position.
 *
 * | The journal holds | Event |
 * | --- | --- |
 * | `MESSAGE`, `SYSLOG_IDENTIFIER`, `PRIORITY`, `SYSLOG_FACILITY` | as from syslog |
 * | `_PID`, `_EXE`, `_CMDLINE` | `process.pid`, `.executable`, `.command_line`: what the kernel says, not the sender |
 * | `_UID`, `_SYSTEMD_UNIT`, `_TRANSPORT`, `_BOOT_ID`, `MESSAGE_ID`, `__CURSOR` | `vigia.journal.*` |
 */

import { maskSecrets } from '../core/secrets.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { type JournalFields, journalCutter, journalFields } from './journal/entry.ts';
import { systemEvent } from './syslog/event.ts';
import type { SyslogMessage } from './syslog/message.ts';

const utf8 = new TextDecoder('utf-8');

/** Fields of the journal that are kept under a name of ours. */
const KEPT: Readonly<Record<string, string>> = {
  _UID: 'uid',
  _GID: 'gid',
  _SYSTEMD_UNIT: 'unit',
  _SYSTEMD_SLICE: 'slice',
  _TRANSPORT: 'transport',
  _BOOT_ID: 'boot_id',
  MESSAGE_ID: 'message_id',
  __CURSOR: 'cursor',
  _AUDIT_LOGINUID: 'login_uid',
  _AUDIT_SESSION: 'session',
};

const numberAt = (fields: JournalFields, name: string, most: number): number | undefined => {
  const text = fields.get(name);
  const number = text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  return number !== undefined && number <= most ? number : undefined;
};

function messageOf(fields: JournalFields, ms: number): SyslogMessage {
  const [facility, severity] = [numberAt(fields, 'SYSLOG_FACILITY', 23), numberAt(fields, 'PRIORITY', 7)];
  const pid = numberAt(fields, '_PID', 2 ** 31) ?? numberAt(fields, 'SYSLOG_PID', 2 ** 31);
  const program = fields.get('SYSLOG_IDENTIFIER') ?? fields.get('_COMM');
  const host = fields.get('_HOSTNAME');
  return {
    format: 'iso',
    time: { ms, assumed: [] },
    text: fields.get('MESSAGE') ?? '',
    ...(facility === undefined ? {} : { facility }),
    ...(severity === undefined ? {} : { severity }),
    ...(host === undefined ? {} : { host }),
    ...(program === undefined ? {} : { program }),
    ...(pid === undefined ? {} : { pid }),
  };
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const read = journalFields(raw);
  if (typeof read === 'string') return reject(read);
  const fields = new Map([...read].map(([name, value]): [string, string] => [name, maskSecrets(value)]));
  const micros = fields.get('_SOURCE_REALTIME_TIMESTAMP') ?? fields.get('__REALTIME_TIMESTAMP');
  if (micros === undefined || !/^\d{13,17}$/.test(micros))
    return reject('record has no __REALTIME_TIMESTAMP in microseconds');
  if (!fields.has('MESSAGE')) return reject('record has no MESSAGE');
  const original = [...fields].map(([name, value]) => `${name}=${value}`).join('\n');
  const event = systemEvent(messageOf(fields, Math.trunc(Number(micros) / 1_000)), original, context);
  const [executable, command] = [fields.get('_EXE'), fields.get('_CMDLINE')];
  const kept = Object.entries(KEPT).flatMap(([name, as]) =>
    fields.has(name) ? [[as, fields.get(name)!]] : [],
  );
  return {
    event: {
      ...event,
      process: {
        ...(executable === undefined ? {} : { executable }),
        ...(command === undefined ? {} : { command_line: command }),
        // What a message says about a command (sudo, cron) counts more than who wrote the message.
        ...event.process,
      },
      vigia: { ...event.vigia, journal: Object.fromEntries(kept) },
    },
  };
}

export const linuxJournal = collector({
  id: 'linux-journal',
  title: 'systemd journal',
  summary:
    'Reads what journalctl writes: the export format (journalctl -o export, also of systemd-journal-upload) and JSON (-o json), entry by ' +
    'entry, also in a file that grows (journalctl -f -o export >> file).',
  guarantee:
    'Files: nothing lost, nothing doubled. What the journal itself drops (rate limits, vacuuming) is lost before. An entry is taken when ' +
    'its blank line is there. Entries without a message are dead-lettered.',
  datasets: ['linux.auth', 'linux.cron', 'linux.syslog'],
  framing: { kind: 'records', cut: journalCutter },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskSecrets(utf8.decode(raw))),
});
