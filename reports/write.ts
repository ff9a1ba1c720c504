/** Writes a report to a file: whole or not at all, readable by its owner only. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errors } from '../core/errors.ts';
import { drawPdf } from './pdf.ts';
import type { Format, Report, ReportDocument, ReportInput } from './report.ts';

/** Renders and writes; returns the paths. A report of the same incident that is there already is replaced. */
export async function writeReport(
  report: Report,
  { out, format, ...input }: ReportInput & { out: string; format: Format },
): Promise<string[]> {
  if (!report.formats.includes(format))
    throw errors.usage(
      `${report.id} has no format ${JSON.stringify(format)}`,
      `use one of ${report.formats.join(', ')}`,
    );
  if (!report.langs.includes(input.lang))
    throw errors.usage(
      `${report.id} is not available in ${JSON.stringify(input.lang)}`,
      `use one of ${report.langs.join(', ')}`,
    );
  const { number } = input.incident;
  // Becomes a file name.
  if (!/^INC-\d{4}-\d+$/.test(number)) throw errors.usage(`${JSON.stringify(number)} is no incident number`);
  const document = report.build(input);
  const content = format === 'pdf' ? await drawPdf(document) : Buffer.from(toJson(document));
  await mkdir(out, { recursive: true, mode: 0o700 });
  const path = resolve(join(out, `${number}-${report.fileName}.${format}`));
  await replace(path, content);
  return [path];
}

/** Controls (line breaks of the layout apart), format characters, private use, and letters that look blank. */
const HIDDEN = /[^\P{C}\n]|[\p{Zl}\p{Zp}]|\p{Default_Ignorable_Code_Point}/gu;

/** JSON whose text shows what it holds: hidden and direction-changing characters as `\\u202e`, which reads back the same. */
export function toJson(document: ReportDocument): string {
  const json = JSON.stringify({ format: `vigia/${document.type}/1`, ...document }, null, 2);
  return `${json.replace(HIDDEN, (character) => escaped(character))}\n`;
}

/** As JSON writes UTF-16 units. */
const escaped = (character: string) =>
  Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');

/** Readers meet the old file or the new one; a failure leaves the old one and nothing else. */
async function replace(path: string, content: Uint8Array): Promise<void> {
  const next = `${path}.${randomUUID()}.new`;
  try {
    const handle = await open(next, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, path);
  } catch (cause) {
    await rm(next, { force: true });
    throw errors.usage(
      `the report ${path} cannot be written: ${(cause as Error).message}`,
      'name another folder with --out, or make room',
    );
  }
}
