/** Writes the reference pages that follow from the code. `sh bin/node docs/generate.ts` */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionsPage } from './reference/actions-page.ts';
import { collectorsPage } from './reference/collectors-page.ts';
import { metricsPage } from './reference/metrics-page.ts';
import { routesPage } from './reference/routes-page.ts';
import { settingsPage } from './reference/settings-page.ts';

/** Every generated page by its file name in `docs/`. */
export async function pages(): Promise<Map<string, string>> {
  return new Map([
    ['actions.md', actionsPage()],
    ['collectors.md', collectorsPage()],
    ['settings.md', settingsPage()],
    ['metrics.md', metricsPage()],
    ['routes.md', await routesPage()],
  ]);
}

if (import.meta.main)
  for (const [name, content] of await pages()) writeFileSync(join(import.meta.dirname, name), content);
