/** Indicators as lines of text or CSV: one value a line, or columns named `value`, `type`, `expires`, `tlp`, `source`, `note`. */
import { parse } from 'csv-parse/sync';
import { INDICATOR_KINDS, type IndicatorKind } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { ReadIndicators, ReadOptions } from './read.ts';
import { spell } from './spelling.ts';
import { tlpOf } from './tlp.ts';

const COLUMNS = ['value', 'type', 'expires', 'tlp', 'source', 'note'];

interface Row {
  record: string[];
  info: { lines: number };
}

export function readText(content: string, options: ReadOptions): ReadIndicators {
  const read: ReadIndicators = { indicators: [], refused: [], skipped: 0 };
  const [first, ...rest] = rowsOf(content);
  if (!first) return read;
  const heading = first.record.map((cell) => cell.trim().toLowerCase());
  const hasHeading = heading.includes('value');
  if (hasHeading) checkHeading(heading);
  for (const { record, info } of hasHeading ? rest : [first, ...rest]) {
    const cell = (name: string): string | undefined => {
      const at = hasHeading ? heading.indexOf(name) : COLUMNS.indexOf(name);
      return record[at]?.trim() || undefined;
    };
    const refuse = (why: string) => read.refused.push({ what: `line ${info.lines}`, why });
    const [value, type, tlp, expires] = [
      cell('value'),
      cell('type')?.toLowerCase(),
      cell('tlp'),
      cell('expires'),
    ];
    if (value === undefined) continue;
    if (type !== undefined && !INDICATOR_KINDS.includes(type as IndicatorKind)) {
      refuse(
        `type ${JSON.stringify(type)} is not known; ${didYouMean(type, INDICATOR_KINDS) ?? `write one of: ${INDICATOR_KINDS.join(', ')}`}`,
      );
      continue;
    }
    const spelt = spell(value, type as IndicatorKind | undefined);
    if (!spelt) {
      refuse(
        type === undefined
          ? `${JSON.stringify(value)} is no address, network, domain, URL or hash (accounts need the type account)`
          : `${JSON.stringify(value)} is no ${type}`,
      );
      continue;
    }
    if (expires !== undefined && Number.isNaN(Date.parse(expires))) {
      refuse(`${JSON.stringify(expires)} is no time`);
      continue;
    }
    if (tlp !== undefined && tlpOf(tlp) === undefined) {
      refuse(`${JSON.stringify(tlp)} is no TLP label`);
      continue;
    }
    const until = expires ? new Date(expires).toISOString() : options.expires;
    const label = tlp ? tlpOf(tlp) : options.tlp;
    const note = cell('note');
    read.indicators.push({
      ...spelt,
      source: cell('source') ?? options.source,
      ...(until ? { expires: until } : {}),
      ...(label ? { tlp: label } : {}),
      ...(note ? { note } : {}),
    });
  }
  return read;
}

function rowsOf(content: string): Row[] {
  try {
    return parse(content, {
      bom: true,
      comment: '#',
      comment_no_infix: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      delimiter: [',', ';', '\t'],
    }) as unknown as Row[]; // `info: true` gives this shape
  } catch (cause) {
    throw errors.usage(`the file is no CSV: ${(cause as Error).message}`);
  }
}

function checkHeading(heading: readonly string[]): void {
  const strange = heading.find((name) => !COLUMNS.includes(name));
  if (strange !== undefined)
    throw errors.usage(
      `the column ${JSON.stringify(strange)} is not known`,
      didYouMean(strange, COLUMNS) ?? `columns are: ${COLUMNS.join(', ')}`,
    );
}
