/** Grafana dashboards and Prometheus rules, generated. To add a dashboard: a file that declares it, and a line here. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { alertRulesYaml } from './alert-rules.ts';
import { type Dashboard, grafanaJson } from './dashboard.ts';
import { detectionHealth } from './detection-health.ts';
import { datasourcesYaml, providersYaml } from './provisioning.ts';

export const DASHBOARDS: readonly Dashboard[] = [detectionHealth];

/** Every generated file by its path; the same bytes every time. */
export function files(): Map<string, string> {
  return new Map([
    ...DASHBOARDS.map((definition): [string, string] => [
      `grafana/dashboards/Vigia/${definition.uid}.json`,
      grafanaJson(definition),
    ]),
    ['grafana/provisioning/datasources/vigia.yaml', datasourcesYaml()],
    ['grafana/provisioning/dashboards/vigia.yaml', providersYaml()],
    ['prometheus/vigia-rules.yml', alertRulesYaml()],
  ]);
}

/** Writes everything below `outDir` and returns the paths. Files of that name are replaced, others are left alone. */
export async function build(outDir: string): Promise<string[]> {
  const written: string[] = [];
  for (const [name, content] of files()) {
    const path = join(outDir, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    written.push(path);
  }
  return written;
}
