/**
 * What chronyd measures of the clock becomes ECS events. Source of the format: chrony.conf(5), directive `log`, files tracking.log
 * and statistics.log (times in UTC). Samples follow it: not exercised against a live server.
 *
 * | chrony writes | Event |
 * | --- | --- |
 * | tracking.log | `event.action` clock-tracked; `vigia.chrony.offset_seconds`, `.frequency_ppm`, `.stratum`; failure when not synchronised |
 * | statistics.log | `event.action` source-measured; `vigia.chrony.offset_seconds` of one source |
 *
 * How wrong a clock may be is not decided here: rules and dashboards compare `vigia.chrony.offset_seconds`.
 */
import type { Draft } from '../core/event.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { draftOf, type Loose } from './ecs/draft.ts';
import { endpoint } from './ecs/endpoint.ts';
import { utcTime } from './microsoft/time.ts';

const utf8 = new TextDecoder('utf-8');
const BEGINS = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} /;
const NUMBER = /^[+-]?\d{1,20}(?:\.\d{1,20})?(?:e[+-]?\d{1,3})?$/i;

const number = (text: string | undefined): number | undefined =>
  text !== undefined && NUMBER.test(text) ? Number(text) : undefined;

/** date time source stratum frequency error offset leap combined deviation remaining delay dispersion maximum-error */
function tracking(columns: readonly string[]): Loose<Draft> | undefined {
  const [, , source, stratum, frequency, error, offset, leap, combined, , , , , maximum] = columns;
  const offsetSeconds = number(offset);
  if (columns.length < 8 || !/^[N?+-]$/.test(leap ?? '') || offsetSeconds === undefined) return undefined;
  // `?` is written while the clock is not synchronised to anything.
  const isLost = leap === '?';
  return {
    event: {
      dataset: 'chrony.tracking',
      action: 'clock-tracked',
      outcome: isLost ? 'failure' : 'success',
      reason: isLost ? 'the clock is not synchronised' : undefined,
    },
    message: isLost ? 'clock not synchronised' : `clock off by ${offsetSeconds} s, tracked by ${source}`,
    destination: endpoint(source),
    vigia: {
      chrony: {
        source,
        leap,
        stratum: number(stratum),
        frequency_ppm: number(frequency),
        frequency_error_ppm: number(error),
        offset_seconds: offsetSeconds,
        offset_milliseconds: Math.abs(offsetSeconds) * 1_000,
        combined_sources: number(combined),
        maximum_error_seconds: number(maximum),
      },
    },
  };
}

/** date time source deviation offset offset-deviation frequency frequency-skew stress samples begin runs asymmetry */
function statistics(columns: readonly string[]): Loose<Draft> | undefined {
  const [, , source, deviation, offset, , frequency] = columns;
  const offsetSeconds = number(offset);
  if (columns.length < 11 || number(deviation) === undefined || offsetSeconds === undefined) return undefined;
  return {
    event: { dataset: 'chrony.statistics', action: 'source-measured' },
    message: `${source} off by ${offsetSeconds} s`,
    destination: endpoint(source),
    vigia: {
      chrony: {
        source,
        deviation_seconds: number(deviation),
        offset_seconds: offsetSeconds,
        offset_milliseconds: Math.abs(offsetSeconds) * 1_000,
        frequency_change: number(frequency),
      },
    },
  };
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const record = utf8.decode(raw);
  // The titles that come every 32 lines are glued to the line before them.
  const line = record.split('\n', 1)[0]!;
  const head = {
    kind: 'event',
    module: 'chrony',
    provider: 'chronyd',
    category: ['host'],
    type: ['info'],
    original: record,
  } as const;
  if (!BEGINS.test(line)) {
    if (!/^[= ]|Date \(UTC\)/.test(line))
      return reject('no line of tracking.log or statistics.log: date, time (UTC), source, …');
    return {
      event: draftOf({
        event: { ...head, category: ['host'], type: ['info'], dataset: 'chrony.tracking', action: 'titles' },
        host: { name: context.host },
        vigia: { logsource: { product: 'chrony', category: 'ntp', service: 'chronyd' } },
      }),
    };
  }
  const columns = line.trim().split(/\s+/);
  const made = tracking(columns) ?? statistics(columns);
  if (made === undefined) return reject('neither the columns of tracking.log nor those of statistics.log');
  return {
    event: draftOf({
      ...made,
      '@timestamp': utcTime(`${columns[0]} ${columns[1]}`),
      event: { ...head, category: ['host'], type: ['info'], dataset: 'chrony.tracking', ...made.event },
      service: { type: 'ntp' },
      host: { name: context.host },
      vigia: { logsource: { product: 'chrony', category: 'ntp', service: 'chronyd' }, ...made.vigia },
    }),
  };
}

export const chronyLog = collector({
  id: 'chrony-log',
  title: 'chrony clock measurements',
  summary:
    'Reads tracking.log and statistics.log of chronyd: how far the clock of a host, or a time source, is off. Messages of chronyd in syslog ' +
    'are read by linux-syslog. Written after chrony.conf(5); not exercised against a live server.',
  guarantee:
    'Files: nothing lost, nothing doubled. The titles that chronyd repeats are part of the record before them; a record waits for the next line, or a second of silence.',
  datasets: ['chrony.tracking', 'chrony.statistics'],
  framing: { kind: 'lines', continues: (line: Uint8Array) => !BEGINS.test(utf8.decode(line)) },
  normalise,
});
