/**
 * What every collector whose samples are written by hand must do: read each sample as written down beside it, conform to ECS,
 * give the same event for the same bytes, and refuse garbage with a reason instead of throwing.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import type { Collector, NormaliseContext } from '../collectors/collector.ts';
import { lineCutter } from '../collectors/reading/lines.ts';
import type { Draft } from '../core/event.ts';
import { ecsProblems, hasEcsReference } from './ecs.ts';

const folderOf = (id: string) => resolve(import.meta.dirname, '../collectors/testdata', id);

export const context: NormaliseContext = {
  source: 'sample',
  anchor: '2026-03-04T12:00:00Z',
  zoneMinutes: 60,
};

const bytes = (text: string) => new TextEncoder().encode(text);

/** The event of a record that must become one. */
export function eventOf(collector: Collector, text: string, more: Partial<NormaliseContext> = {}): Draft {
  const result = collector.normalise(bytes(text), { ...context, ...more });
  if ('reject' in result) throw new Error(result.reject);
  return result.event;
}

/** The records of a text as reading a file would cut them. */
export function recordsOf(collector: Collector, file: string): string[] {
  const { framing } = collector;
  if (framing.kind === 'file')
    return [...framing.records(bytes(file))].map(({ raw }) => new TextDecoder().decode(raw));
  const cutter = lineCutter(0, collector.maxBytes ?? 1_048_576, framing.kind === 'lines' ? framing : {});
  return [...cutter.push(bytes(file)), ...cutter.end()].map(({ raw }) => new TextDecoder().decode(raw));
}

/** Samples lie in `collectors/testdata/<id>/sample.*`; `expected.json` lists what each record must at least become. */
export function keepsTheContract(collector: Collector): void {
  const problemsOf = hasEcsReference() ? ecsProblems() : () => [];
  const folder = folderOf(collector.id);
  const sample = readdirSync(folder).find((name) => name.startsWith('sample.'))!;
  const records = recordsOf(collector, readFileSync(join(folder, sample), 'utf8'));
  const expected: object[] = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));

  it('has an expected event for every sample', () => {
    expect(records).toHaveLength(expected.length);
  });

  it.each(records.map((record, index) => [index + 1, record] as const))(
    'reads sample %i as written down',
    (number, record) => {
      const event = eventOf(collector, record);
      expect(event).toMatchObject(expected[number - 1]!);
      expect(eventOf(collector, record)).toEqual(event);
      expect(collector.datasets).toContain(event.event.dataset);
      expect(problemsOf(event)).toEqual([]);
    },
  );

  it('throws at nothing', () => {
    const odd = [
      '',
      ' ',
      '{',
      '[]',
      'null',
      '"',
      '{}',
      '\u0000',
      '<',
      '='.repeat(50_000),
      '['.repeat(50_000),
    ];
    for (const record of records) {
      const step = Math.max(1, Math.floor(record.length / 60));
      for (let at = 0; at < record.length; at += step) {
        odd.push(record.slice(0, at), `${record.slice(0, at)}\u0000"${record.slice(at + 1)}`);
      }
    }
    for (const text of odd) {
      const result = collector.normalise(bytes(text), context);
      if ('reject' in result) expect(result.reject).not.toBe('');
      else expect(problemsOf(result.event)).toEqual([]);
    }
  });

  it('takes linear time on hostile text (a quadratic pattern would not end)', () => {
    for (const record of records) {
      const middle = Math.floor(record.length / 2);
      for (const piece of ['\n', ' ', '[', '=', ',']) {
        const text = `${record.slice(0, middle)}${piece.repeat(50_000)}${record.slice(middle)}`;
        collector.normalise(bytes(text), context);
        collector.mask?.(bytes(text));
      }
    }
  });
}
