/** Times as descriptions name them: `iso`, `epoch`, `epoch_ms`, `syslog`, `http`, or letters such as `dd/MM/yyyy HH:mm:ss,SSS Z`. */
import { bsdTime, isoTime, type SyslogTime, type TimeContext } from '../syslog/time.ts';

export type TimeReader = (text: string, context: TimeContext) => SyslogTime | undefined;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** Letters → what they stand for; longer ones first. */
const LETTERS: readonly [string, string, string][] = [
  ['yyyy', 'year', '\\d{4}'],
  ['MMM', 'name', '[A-Za-z]{3}'],
  ['MM', 'month', '\\d{2}'],
  ['dd', 'day', '\\d{2}'],
  ['d', 'day', ' ?\\d{1,2}'],
  ['HH', 'hour', '\\d{2}'],
  ['mm', 'minute', '\\d{2}'],
  ['ss', 'second', '\\d{2}'],
  ['S', 'fraction', '\\d{1,9}'],
  ['EEE', '', '[A-Za-z]{3}'],
  ['Z', 'zone', '(?:Z|[+-]\\d{2}:?\\d{2})'],
];
const NEEDED = ['year', 'day', 'hour', 'minute', 'second'] as const;

const NAMES = ['iso', 'epoch', 'epoch_ms', 'syslog', 'http'];

const named: Readonly<Record<string, TimeReader>> = {
  iso: isoTime,
  syslog: bsdTime,
  epoch: (text) => ofEpoch(text, /^\d{9,11}(?:\.\d{1,9})?$/, 1_000),
  epoch_ms: (text) => ofEpoch(text, /^\d{12,14}$/, 1),
  http: byLetters('dd/MMM/yyyy:HH:mm:ss Z') as TimeReader,
};

function ofEpoch(text: string, shape: RegExp, unitMs: number): SyslogTime | undefined {
  return shape.test(text) ? { ms: Math.round(Number(text) * unitMs), assumed: [] } : undefined;
}

/** The reader of a format, or a sentence that says what is wrong with it. */
export const timeFormat = (format: string): TimeReader | string =>
  Object.hasOwn(named, format) ? named[format]! : byLetters(format);

function byLetters(format: string): TimeReader | string {
  let source = '';
  const parts: string[] = [];
  for (let at = 0; at < format.length; ) {
    const rest = format.slice(at);
    const quoted = /^'([^']*)'/.exec(rest);
    const letters = LETTERS.find(([word]) => rest.startsWith(word));
    if (quoted !== null) {
      source += literal(quoted[1]!);
      at += quoted[0].length;
    } else if (letters !== undefined) {
      const [word, part, shape] = letters;
      if (part !== '' && parts.includes(part)) return `the time format names its ${part} twice`;
      if (part !== '') parts.push(part);
      source += part === '' ? shape : `(?<${part}>${shape})`;
      // SSS is one fraction, however many letters.
      at += part === 'fraction' ? /^S+/.exec(rest)![0].length : word.length;
    } else if (/[A-Za-z]/.test(rest[0]!)) {
      return `the time format has the letter ${JSON.stringify(rest[0])}; known are yyyy MM MMM d dd HH mm ss S Z EEE, or one of ${NAMES.join(', ')}; other text stands in single quotes`;
    } else {
      source += literal(rest[0]!);
      at += 1;
    }
  }
  const missing = NEEDED.filter((part) => !parts.includes(part));
  if (!parts.includes('month') && !parts.includes('name')) missing.push('month' as never);
  if (missing.length > 0) return `the time format lacks the ${missing.join(', ')}`;
  const pattern = new RegExp(`^${source}$`);
  return (text, context) => {
    const found = pattern.exec(text)?.groups;
    if (found === undefined) return undefined;
    const month =
      found['month'] ?? String(MONTHS.indexOf((found['name'] ?? '').toLowerCase()) + 1).padStart(2, '0');
    const day = found['day']!.trim().padStart(2, '0');
    const fraction = found['fraction'] === undefined ? '' : `.${found['fraction']}`;
    const clock = `${found['hour']}:${found['minute']}:${found['second']}${fraction}`;
    return isoTime(`${found['year']}-${month}-${day}T${clock}${found['zone'] ?? ''}`, context);
  };
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
