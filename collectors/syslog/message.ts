/** Takes one syslog message apart: RFC 5424, RFC 3164 and the ISO-time "forward" format, with or without priority. */
import { structuredData } from './structured-data.ts';
import { bsdTime, isoTime, type SyslogTime, type TimeContext } from './time.ts';

export interface SyslogMessage {
  format: 'rfc5424' | 'rfc3164' | 'iso';
  priority?: number;
  facility?: number;
  severity?: number;
  /** Missing when the sender wrote none (`-`). */
  time?: SyslogTime;
  host?: string;
  program?: string;
  pid?: number;
  /** PROCID as written, when it is no number. */
  procid?: string;
  msgid?: string;
  /** Id of the element → parameter → value. */
  structured?: Record<string, Record<string, string>>;
  text: string;
}

export const FACILITIES: readonly string[] = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['ntp', 'security', 'console', 'solaris-cron'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];
export const SEVERITIES: readonly string[] = [
  ...['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'],
];

/** The line without its line breaks at the end; a pattern would take quadratic time on a line full of them. */
export function withoutLineEnd(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === '\n' || line[end - 1] === '\r')) end -= 1;
  return line.slice(0, end);
}

const given = (value: string | undefined): string | undefined =>
  value === undefined || value === '-' ? undefined : value;

/** Splits off the next blank-separated word; RFC 5424 header fields are separated by one blank each. */
function word(text: string): [string, string] {
  const end = text.indexOf(' ');
  return end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)];
}

function withProcess(message: SyslogMessage, program: string | undefined, procid: string | undefined): void {
  if (program !== undefined) message.program = program;
  if (procid === undefined) return;
  if (/^\d{1,10}$/.test(procid)) message.pid = Number(procid);
  else message.procid = procid;
}

/** `program[pid]: text`, `program: text`; the tag holds no blank, so that `su: x` and `(root) CMD` are told apart. */
const TAG = /^([^\s:[\]()"]{1,128})(?:\[([^\]\s]{0,64})\])?:(?: |$)/;

function tag(message: SyslogMessage, rest: string): void {
  let text = rest;
  // Programs that write a host name into the local socket get it doubled: `web1 web1 nginx: …`.
  if (message.host !== undefined && text.startsWith(`${message.host} `)) {
    const without = text.slice(message.host.length + 1);
    if (TAG.test(without)) text = without;
  }
  const found = TAG.exec(text);
  if (found === null) {
    message.text = text;
    return;
  }
  withProcess(message, found[1], given(found[2] === '' ? undefined : found[2]));
  message.text = text.slice(found[0].length);
}

/** After `1 `: time, host, application, process id, message id, structured data, text. */
function rfc5424(rest: string, base: SyslogMessage, context: TimeContext): SyslogMessage | string {
  const [time, afterTime] = word(rest);
  const [host, afterHost] = word(afterTime);
  const [app, afterApp] = word(afterHost);
  const [procid, afterProcid] = word(afterApp);
  const [msgid, afterMsgid] = word(afterProcid);
  if (afterProcid === '')
    return 'RFC 5424 header is cut short: time, host, application, process id and message id are needed';
  const message: SyslogMessage = { ...base, format: 'rfc5424', text: '' };
  if (given(time) !== undefined) {
    const read = isoTime(time, context);
    if (read === undefined) return `no time of day in ISO form: "${time.slice(0, 40)}"`;
    message.time = read;
  }
  if (given(host) !== undefined) message.host = host;
  if (given(msgid) !== undefined) message.msgid = msgid;
  const data = structuredData(afterMsgid);
  if (typeof data === 'string') return data;
  if (data.elements !== undefined) message.structured = data.elements;
  // One blank belongs to the header; rsyslog writes a second one of the old format's text. BOM marks UTF-8.
  const text = data.rest.replace(/^ {1,2}/, '').replace(/^\uFEFF/, '');
  const program = given(app);
  if (program === undefined || program === message.host) tag(message, text);
  else message.text = text;
  withProcess(
    message,
    message.program ?? program,
    message.pid === undefined ? given(procid) : String(message.pid),
  );
  return message;
}

/** A message, or a sentence that says why it is none. Pure; never throws. */
export function parseSyslog(line: string, context: TimeContext): SyslogMessage | string {
  const base: SyslogMessage = { format: 'rfc3164', text: '' };
  let rest = line;
  const priority = /^<(\d{1,3})>/.exec(rest);
  if (priority !== null) {
    const value = Number(priority[1]);
    if (value > 191) return `priority <${value}> is over 191`;
    Object.assign(base, { priority: value, facility: value >> 3, severity: value & 7 });
    rest = rest.slice(priority[0].length);
  }
  if (/^1 (?:\d{4}-|- )/.test(rest)) return rfc5424(rest.slice(2), base, context);

  const [first] = word(rest);
  const iso = isoTime(first, context);
  if (iso !== undefined) return local({ ...base, format: 'iso', time: iso }, rest.slice(first.length + 1));
  const bsd = /^[A-Za-z]{3} {1,2}\d{1,2}(?: \d{4})? \d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?= )/.exec(rest)?.[0];
  const time = bsd === undefined ? undefined : bsdTime(bsd, context);
  if (bsd === undefined || time === undefined)
    return 'no syslog time at the start of the line (ISO 8601 or "Mmm dd hh:mm:ss")';
  return local({ ...base, time }, rest.slice(bsd.length + 1));
}

/** What follows the time of RFC 3164 and of the forward format: `host tag: text`. */
function local(message: SyslogMessage, rest: string): SyslogMessage | string {
  const [host, afterHost] = word(rest);
  if (host === '') return 'nothing after the syslog time: a host and a text are needed';
  // Some daemons leave the host out: `Nov 21 20:05:05 sshd[1]: text`.
  if (TAG.test(rest)) tag(message, rest);
  else {
    message.host = host;
    tag(message, afterHost);
  }
  return message;
}
