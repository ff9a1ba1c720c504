/**
 * Linux system logs (auth.log, secure, syslog, messages, or received over the network) become ECS events. Delivery: at
 * least once from files, ids by position. Lost: what a sender drops before it reaches us; RFC 3164 has neither year
 * nor zone, so both are assumed and flagged. Passwords in command lines are masked before anything is kept.
 */

import { maskSecrets } from '../core/secrets.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { systemEvent } from './syslog/event.ts';
import { parseSyslog, withoutLineEnd } from './syslog/message.ts';

/** Invalid UTF-8 becomes U+FFFD; it is never a reason to lose a line. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: false });

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const line = maskSecrets(withoutLineEnd(utf8.decode(raw)));
  const message = parseSyslog(line, context);
  if (typeof message === 'string') return reject(message);
  return { event: systemEvent(message, line, context) };
}

export const linuxSyslog = collector({
  id: 'linux-syslog',
  title: 'Linux system logs',
  summary:
    'Reads auth.log, secure, syslog, messages and cron logs, or the same messages received over the network: RFC 5424, RFC 3164 and ISO-time lines.',
  guarantee:
    'Files: nothing lost, nothing doubled. A line without year or zone gets those of the first reading (flagged). Text before the first newline of a cut line is dead-lettered.',
  datasets: ['linux.auth', 'linux.cron', 'linux.syslog'],
  framing: { kind: 'lines' },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskSecrets(utf8.decode(raw))),
});
