/**
 * Packet lines of the Windows DNS server's debug log. Source of the format: the key that the server writes at the top of the file
 * ("Message logging key"), and Microsoft Learn, "Enable DNS diagnostics" (debug logging). The date is written in the server's
 * locale: with AM or PM the month stands first, without them the day; ISO dates are read as such.
 */
import { isoTime, type SyslogTime, type TimeContext } from '../syslog/time.ts';
import type { DnsRecord } from './record.ts';

const PACKET =
  /^(?<date>\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}) (?<clock>\d{1,2}:\d{2}:\d{2})(?: (?<half>AM|PM))? [0-9A-F]{3,8} PACKET +[0-9A-F]{6,16} (?<transport>UDP|TCP) (?<way>Rcv|Snd) (?<peer>[0-9A-Fa-f:.]{2,45}) +(?<id>[0-9a-f]{4}) (?<answer>R| ) (?<opcode>[QNU?]) \[(?<hex>[0-9a-f]{4}) (?<flags>[ATDR ]{0,8}?) *(?<code>[A-Z]{2,12})\] (?<type>[A-Z0-9]{1,12}) +(?<name>\(\d{1,3}\).{0,1200})$/;
const OPCODES: Readonly<Record<string, string>> = { Q: 'QUERY', N: 'NOTIFY', U: 'UPDATE' };
const FLAGS: Readonly<Record<string, string>> = { A: 'AA', T: 'TC', D: 'RD', R: 'RA' };

function timeOf(
  date: string,
  clock: string,
  half: string | undefined,
  context: TimeContext,
): SyslogTime | undefined {
  const parts = date.split(/[/.-]/);
  const [year, month, day] =
    parts[0]!.length === 4
      ? parts
      : half === undefined
        ? [parts[2], parts[1], parts[0]]
        : [parts[2], parts[0], parts[1]];
  const [hour, ...rest] = clock.split(':');
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half === 'PM' ? 12 : 0);
  const two = (part: string | number | undefined) => String(part).padStart(2, '0');
  return isoTime(`${year}-${two(month)}-${two(day)} ${two(hours)}:${rest.join(':')}`, context);
}

/** `(3)www(7)example(4)test(0)` → `www.example.test`. */
const nameOf = (text: string): string =>
  text
    .replace(/\(\d{1,3}\)/g, '.')
    .replace(/^\.|\.$/g, '')
    .trim() || '.';

export function windowsDebugRecord(line: string, context: TimeContext): DnsRecord | undefined {
  const packet = PACKET.exec(line)?.groups;
  if (packet === undefined) return undefined;
  const time = timeOf(packet['date']!, packet['clock']!, packet['half'], context);
  const isAnswer = packet['answer'] === 'R';
  const opcode = OPCODES[packet['opcode']!];
  const code = packet['code']!;
  return {
    server: 'windows',
    ...(time ? { time } : {}),
    kind: opcode === 'UPDATE' ? 'update' : isAnswer ? 'answer' : 'query',
    ...(isAnswer ? { code, outcome: code === 'NOERROR' ? ('success' as const) : ('failure' as const) } : {}),
    ...((packet['way'] === 'Rcv') === isAnswer ? { asked: packet['peer']! } : { client: packet['peer']! }),
    name: nameOf(packet['name']!),
    type: packet['type']!,
    id: packet['id']!,
    ...(opcode === undefined ? {} : { opcode }),
    ...(opcode === 'UPDATE' ? { zone: nameOf(packet['name']!) } : {}),
    flags: [...packet['flags']!].filter((flag) => flag !== ' ').map((flag) => FLAGS[flag]!),
    transport: packet['transport']!.toLowerCase(),
    text: line,
  };
}
