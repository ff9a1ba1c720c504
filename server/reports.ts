/** Reports of stored incidents, as files in memory for the API. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Incidents } from '../incidents/index.ts';
import { type Answers, type Format, parseTlp, REPORTS, write } from '../reports/index.ts';
import type { Settings } from './settings.ts';

export interface RenderOptions {
  format: Format;
  tlp?: string;
  answers?: Answers;
}

export interface Reports {
  list(): { id: string; title: string; formats: readonly string[]; langs: readonly string[] }[];
  render(type: string, incident: string, options: RenderOptions): Promise<{ name: string; content: Buffer }>;
}

export function reports({
  incidents,
  settings,
  now,
}: {
  incidents: Incidents;
  settings: Settings;
  now: () => number;
}): Reports {
  return {
    list: () => REPORTS.map(({ id, title, formats, langs }) => ({ id, title, formats, langs })),
    async render(type, reference, { format, tlp = 'TLP:AMBER', answers }) {
      const { incident, alerts } = await incidents.show(reference, { maxEvents: 1 });
      const clock = incidents.clocks(incident).find((one) => one.id === type);
      const out = await mkdtemp(join(tmpdir(), 'vigia-report-'));
      try {
        const [path] = await write({
          type,
          incident,
          alerts,
          settings: { zone: 'Europe/Lisbon', ...settings.reporting },
          lang: 'pt',
          tlp: parseTlp(tlp),
          format,
          out,
          now: now(),
          ...(answers ? { answers } : {}),
          ...(clock?.dueAt ? { deadline: { dueAt: clock.dueAt, source: clock.source } } : {}),
        });
        return { name: basename(path!), content: await readFile(path!) };
      } finally {
        await rm(out, { recursive: true, force: true });
      }
    },
  };
}
