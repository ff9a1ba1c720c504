/** The documents that Vigia exports. To add one: a file that declares it, and a line here. */
import { errors } from '../core/errors.ts';
import { initialNotification } from './initial-notification.ts';
import type { Format, Report, ReportInput, Tlp } from './report.ts';
import { writeReport } from './write.ts';

export { type Answers, parseAnswers } from './answers.ts';
export type { Format, Report, ReportDocument, ReportInput, ReportSettings, Tlp } from './report.ts';

export const REPORTS: readonly Report[] = [initialNotification];

export const TLPS: readonly Tlp[] = ['TLP:RED', 'TLP:AMBER+STRICT', 'TLP:AMBER', 'TLP:GREEN', 'TLP:CLEAR'];

/** `red`, `TLP:AMBER+STRICT`; WHITE of TLP 1 is CLEAR. */
export function parseTlp(text: string): Tlp {
  const name = text
    .toUpperCase()
    .replace(/^TLP:/, '')
    .replace(/^WHITE$/, 'CLEAR');
  const found = TLPS.find((tlp) => tlp === `TLP:${name}`);
  if (!found) throw errors.usage(`${JSON.stringify(text)} is no TLP label`, `use one of ${TLPS.join(', ')}`);
  return found;
}

/** Writes one report of one incident; returns the paths. `write({type: 'initial-notification', incident, alerts, …})` */
export async function write(
  request: ReportInput & { type: string; out: string; format: Format },
): Promise<string[]> {
  const { type, ...input } = request;
  const report = REPORTS.find(({ id }) => id === type);
  if (!report)
    throw errors.usage(
      `there is no report ${JSON.stringify(type)}`,
      `use one of ${REPORTS.map(({ id }) => id).join(', ')}`,
    );
  return writeReport(report, input);
}
