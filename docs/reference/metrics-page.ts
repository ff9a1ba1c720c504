/** The page about every metric, with those that nothing records yet. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { METRICS } from '../../core/metrics.ts';
import { code, made, page, table } from './markdown.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Source text that could record a metric: everything but the declaration, what queries it, and tests. */
function recordingCode(): string {
  return ['server', 'collectors', 'detections', 'incidents', 'playbooks', 'store']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(ROOT, folder, name),
      ),
    )
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
}

export function metricsPage(): string {
  const source = recordingCode();
  const rows = Object.entries(METRICS).map(([name, declared]) => {
    const measured = name === 'vigia_build_info' || source.includes(`'${name}'`);
    const labels = 'labels' in declared ? declared.labels.map(code).join(', ') : '';
    return [code(name), declared.type, labels, declared.help, measured ? 'yes' : '**not yet**'];
  });
  return page(
    '# Metrics',
    made('`core/metrics.ts`'),
    'What `GET /metrics` answers, without a token. Node adds `process_*` and `nodejs_*`. Labels are ids of configured sources, ' +
      'levels and stages, never data of people. Counters begin at 0 when a process starts; the ledger (`vigia health --ledger`) does not.',
    'A metric that is **not yet** measured is declared, so that dashboards can be built, and stays empty or 0: an alert rule over it cannot fire.',
    table(['Metric', 'Type', 'Labels', 'Meaning', 'Measured'], rows),
  );
}
