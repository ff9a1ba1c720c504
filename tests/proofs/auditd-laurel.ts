/** Events of `linux-audit` beside laurel's JSON of the same log: the same records joined, the same values in them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { linuxAudit } from '../../collectors/linux-audit.ts';
import { lineCutter } from '../../collectors/reading/lines.ts';
import type { Draft } from '../../core/event.ts';
import { command } from '../testbed/command.ts';
import { removeFolder, temporaryFolder } from '../testbed/folder.ts';

/** One record of an event: its fields. */
type Fields = Readonly<Record<string, unknown>>;
/** One line of laurel: an object, or a list of them, for each type of record. */
export type LaurelEvent = Readonly<Record<string, unknown>> & { ID: string; NODE?: string };

export async function laurel(log: Uint8Array): Promise<LaurelEvent[]> {
  const folder = temporaryFolder('laurel');
  try {
    const [settings, out] = [join(folder, 'laurel.toml'), join(folder, 'out')];
    mkdirSync(out);
    const file = '[auditlog]\nfile = "audit.json"\nsize = 1000000000\ngenerations = 1\n';
    writeFileSync(settings, `directory = "${out}"\nuser = "root"\n${file}`);
    await command('laurel', ['-c', settings], { input: Buffer.from(log).toString('latin1') });
    const lines = readFileSync(join(out, 'audit.json'), 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LaurelEvent);
  } finally {
    removeFolder(folder);
  }
}

const context = { source: 'proof', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 0 };

/** Our events by laurel's ID. */
export function ourEvents(log: Uint8Array): Map<string, Draft> {
  const cutter = lineCutter(0, 1_048_576, linuxAudit.framing);
  const events = [...cutter.push(log), ...cutter.end()].map(({ raw }) => {
    const made = linuxAudit.normalise(raw, context);
    if ('reject' in made) throw new Error(made.reject);
    return made.event;
  });
  return new Map(
    events.map((event) => [idOf(Date.parse(event['@timestamp']!), event.event.sequence), event]),
  );
}
const idOf = (ms: number, serial: unknown): string => `${ms}:${serial}`;

/** What differs, in words; `compared` counts values. */
export function differences(ours: ReadonlyMap<string, Draft>, theirs: readonly LaurelEvent[]) {
  const found = { compared: 0, failed: [] as string[], lost: 0 };
  const same = (id: string, what: string, mine: unknown, other: string) => {
    found.compared += 1;
    if (![mine].flat().some((one) => isSame(String(one), other)))
      found.failed.push(`${id} ${what}: ${JSON.stringify(mine)} and ${JSON.stringify(other)}`.slice(0, 500));
  };
  for (const one of theirs) {
    const [time, serial] = one.ID.split(':');
    const event = ours.get(idOf(Math.round(Number(time) * 1_000), serial));
    const facts = event?.vigia?.['auditd'] as Fields | undefined;
    if (!event || !facts) {
      found.lost += 1;
      continue;
    }
    const types = Object.keys(one).filter((key) => !['ID', 'NODE'].includes(key) && /^[A-Z_0-9]+$/.test(key));
    same(one.ID, 'types', [facts['type']].flat().sort().join(), types.sort().join());
    for (const type of types)
      for (const record of [one[type]].flat() as Fields[])
        for (const [key, value] of Object.entries(record)) {
          if (key === 'ARGV' && type === 'EXECVE')
            same(one.ID, 'EXECVE', [event.process?.args].flat().join(' '), (value as string[]).join(' '));
          else if (key === 'ARGV' && type === 'PROCTITLE')
            same(one.ID, type, facts['proctitle'], (value as string[]).join(' '));
          else if (key === 'msg')
            // What programs write there are pairs of their own, which laurel leaves in one.
            for (const [, name, text] of String(value).matchAll(/(\w+)=("[^"]*"|[^ ].*?)(?= \w+=|$)/g))
              same(one.ID, `${type}.msg.${name}`, facts[name!], text!.replace(/^"|"$/g, ''));
          // What laurel concludes by itself (SCRIPT) is in no record.
          else if (value !== null && typeof value !== 'object' && key !== 'SCRIPT')
            same(one.ID, `${type}.${key}`, facts[key], String(value));
        }
  }
  return found;
}

/**
 * laurel marks bases of numbers (0x, 0o), escapes control characters by %, drops blanks inside braces, takes decimal digits for hexadecimal
 * where the kernel does not quote, leaves those of programs as they are, and gives "?" where the record says that it does not know. Of ours,
 * secrets are hidden and blanks at the end left out.
 */
function isSame(ours: string, theirs: string): boolean {
  if (ours === theirs || (ours === 'undefined' && theirs === '?')) return true;
  if (/^0[xo][0-9a-f]+$/.test(theirs))
    return BigInt(theirs) === BigInt(theirs[1] === 'x' ? `0x${ours}` : `0o${ours}`);
  if (/^(?:[0-9A-F]{2})+$/.test(theirs)) return isSame(ours, Buffer.from(theirs, 'hex').toString());
  const shown = unescaped(theirs);
  const text = shown.toString().replaceAll('\0', ' ').trimEnd();
  if (ours.replace(/\{ | \}/g, (one) => one.trim()).trimEnd() === text) return true;
  if (ours.includes(HIDDEN)) return text.startsWith(ours.slice(0, ours.indexOf(HIDDEN)));
  return /^[0-9A-F]+$/.test(ours) && Buffer.from(ours, 'hex').equals(shown);
}

const unescaped = (text: string): Buffer =>
  Buffer.concat(
    text
      .split(/(%[0-9a-f]{2})/)
      .map((part, at) => (at % 2 === 1 ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part))),
  );
const HIDDEN = '<masked>';
