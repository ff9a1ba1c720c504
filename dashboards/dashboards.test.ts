import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMetrics, METRICS } from '../core/metrics.ts';
import { needInstalled } from '../tests/testbed/need.ts';
import { ALERT_RULES } from './alert-rules.ts';
import { build, DASHBOARDS, files } from './index.ts';

interface GrafanaPanel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: { type: string; uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig?: {
    defaults: { unit?: string; noValue?: string; thresholds?: { steps: { value: number | null }[] } };
  };
  options?: { reduceOptions?: { calcs: string[] }; legend?: { showLegend: boolean } };
  targets?: { refId: string; expr: string; legendFormat: string; datasource: { uid: string } }[];
}
interface GrafanaDashboard {
  uid: string;
  title: string;
  editable: boolean;
  refresh: string;
  schemaVersion: number;
  id?: number;
  panels: GrafanaPanel[];
  templating: {
    list: {
      name: string;
      type: string;
      refresh?: number;
      current?: object;
      query: unknown;
      allValue?: string;
    }[];
  };
}

const built = DASHBOARDS.map(({ uid }) => {
  const text = files().get(`grafana/dashboards/Vigia/${uid}.json`)!;
  return { text, json: JSON.parse(text) as GrafanaDashboard };
});
const prometheus = await needInstalled('prometheus');
const queries = built.flatMap(({ json }) => json.panels.flatMap((panel) => panel.targets ?? []));
const exprs = [...queries.map(({ expr }) => expr), ...ALERT_RULES.map(({ expr }) => expr)];

/** `name{labels}` of every series a query reads, with the labels it groups by. */
const seriesOf = (expr: string) =>
  [...expr.matchAll(/\b(vigia_[a-z_]+)(?:\{([^}]*)\})?/g)].map(([, name, labels]) => ({
    name: name!,
    labels: [...(labels ?? '').matchAll(/(\w+)\s*[=!]/g)].map(([, label]) => label!),
  }));
const declared = (name: string) => {
  const base = name.replace(/_bucket$/, '');
  return base in METRICS ? METRICS[base as keyof typeof METRICS] : undefined;
};
/** Added by Prometheus to every series, or by the histogram. */
const COMMON = ['job', 'instance', 'le'];

describe('generated dashboards', () => {
  it('are byte-identical between two runs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vigia-dashboards-'));
    try {
      const read = async (name: string) => {
        const paths = await build(join(folder, name));
        return Promise.all(paths.map((path) => readFile(path, 'utf8')));
      };
      expect(await read('one')).toEqual(await read('two'));
      // A process of its own, so that nothing that this one has computed helps.
      execFileSync('sh', [
        'bin/node',
        '-e',
        `import('./dashboards/index.ts').then(({build}) => build(${JSON.stringify(join(folder, 'three'))}))`,
      ]);
      for (const [name, content] of files())
        expect(await readFile(join(folder, 'three', name), 'utf8')).toBe(content);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('list every dashboard file of this folder', async () => {
    const machinery = ['alert-rules.ts', 'dashboard.ts', 'finish.ts', 'index.ts', 'provisioning.ts'];
    const units = (await readdir('dashboards')).filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !machinery.includes(name),
    );
    expect(units.map((name) => `vigia-${name.replace('.ts', '')}`).sort()).toEqual(
      DASHBOARDS.map(({ uid }) => uid).sort(),
    );
  });

  it.each(built.map(({ json, text }) => [json.uid, json, text] as const))(
    '%s has the structure that Grafana needs',
    (uid, json, text) => {
      expect(uid).toMatch(/^[A-Za-z0-9_-]{1,40}$/);
      expect(json).toMatchObject({ editable: false, schemaVersion: 42 });
      expect(json.id).toBeUndefined();
      expect(text.length).toBeLessThan(1_000_000);
      expect(text).not.toContain('inControlsMenu');
      expect(Object.keys(json)).toEqual(Object.keys(json).sort());
      expect(text.endsWith('}\n')).toBe(true);
      const ids = json.panels.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const variable of json.templating.list) {
        if (variable.type !== 'query') continue;
        expect(variable).toMatchObject({ refresh: 2, allValue: '.*' });
        expect(variable.current).toBeDefined();
      }
    },
  );

  it.each(
    built.flatMap(({ json }) =>
      json.panels.filter(({ type }) => type !== 'row').map((panel) => [panel.title, panel] as const),
    ),
  )('panel "%s" says what it shows, in which unit, and what no data means', (_, panel) => {
    expect(panel.description).toMatch(/\.$|"\.$/);
    expect(panel.fieldConfig!.defaults.unit).toBeTruthy();
    expect(panel.fieldConfig!.defaults.noValue).toBeTruthy();
    expect(panel.datasource).toEqual({ type: 'prometheus', uid: '$' + '{datasource}' });
    const refIds = panel.targets!.map(({ refId }) => refId);
    expect(refIds.length).toBeGreaterThan(0);
    expect(new Set(refIds).size).toBe(refIds.length);
    for (const target of panel.targets!) expect(target.legendFormat).toBeTruthy();
    if (panel.type === 'stat') {
      expect(panel.options!.reduceOptions!.calcs).toEqual(['lastNotNull']);
      expect(panel.fieldConfig!.defaults.thresholds!.steps[0]).toMatchObject({ value: null });
    } else expect(panel.options!.legend!.showLegend).toBe(true);
  });

  it('places panels inside 24 columns without overlap', () => {
    for (const { json } of built) {
      const taken = new Set<string>();
      for (const { gridPos, title } of json.panels) {
        expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(taken, `${title} at ${x},${y}`).not.toContain(`${x},${y}`);
            taken.add(`${x},${y}`);
          }
        }
      }
    }
  });

  it('use every variable that they define and define every variable that they use', () => {
    for (const { json, text } of built) {
      const defined = json.templating.list.map(({ name }) => name);
      const used = new Set(
        [...text.matchAll(/\$\{?([a-z]\w*)\}?/g)]
          .map(([, name]) => name!)
          .filter((name) => !name.startsWith('__')),
      );
      expect([...used].sort()).toEqual([...defined].sort());
    }
  });
});

describe('the queries of dashboards and alert rules', () => {
  it.each(exprs.map((expr) => [expr]))(
    'read only series that Vigia exposes, with their labels: %s',
    (expr) => {
      for (const { name, labels } of seriesOf(expr)) {
        const metric = declared(name);
        expect(metric, name).toBeDefined();
        const known: readonly string[] = [...COMMON, ...('labels' in metric! ? metric.labels : [])];
        expect(known).toEqual(expect.arrayContaining(labels));
        for (const [, list] of expr.matchAll(/\bby \(([^)]*)\)/g)) {
          expect(known).toEqual(expect.arrayContaining(list!.split(',').map((label) => label.trim())));
        }
        expect(name.endsWith('_bucket')).toBe(metric!.type === 'histogram');
        const isRated = new RegExp(`(rate|increase)\\(${name}(\\{[^}]*\\})?\\[`).test(expr);
        expect(isRated, `${name} under rate or increase`).toBe(metric!.type !== 'gauge');
      }
    },
  );

  it('show every metric except the ones named here', () => {
    const shown = new Set(
      exprs.flatMap((expr) => seriesOf(expr).map(({ name }) => name.replace(/_bucket$/, ''))),
    );
    const absent = Object.keys(METRICS).filter((name) => !shown.has(name));
    expect(absent).toEqual(['vigia_build_info']);
  });

  it('never look back over a fixed range on a dashboard', () => {
    for (const { expr } of queries) expect(expr).not.toMatch(/\[\d+\w\]/);
  });
});

prometheus.describe('queries and alert rules', () => {
  it('are valid for Prometheus itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vigia-promtool-'));
    try {
      const plain = (expr: string) =>
        expr
          .replaceAll('$__rate_interval', '5m')
          .replaceAll('$__range', '6h')
          .replace(/\$[a-z]+/g, '.*');
      const rules = queries.map(({ expr }, index) => ({ record: `panel:${index}`, expr: plain(expr) }));
      await writeFile(join(folder, 'panels.yml'), JSON.stringify({ groups: [{ name: 'panels', rules }] }));
      await writeFile(join(folder, 'alerts.yml'), files().get('prometheus/vigia-rules.yml')!);
      const checked = spawnSync(
        'promtool',
        ['check', 'rules', join(folder, 'panels.yml'), join(folder, 'alerts.yml')],
        { encoding: 'utf8' },
      );
      expect(checked.stderr + checked.stdout).toContain(`SUCCESS: ${rules.length} rules found`);
      expect(checked.status).toBe(0);
      const exposition = await createMetrics({ version: '0' }).exposition();
      const vigia = exposition
        .split('\n')
        .filter((line) => line.includes('vigia_'))
        .join('\n');
      const lint = spawnSync('promtool', ['check', 'metrics'], { encoding: 'utf8', input: `${vigia}\n` });
      expect(lint.stderr).toBe('');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('provisioning', () => {
  it('gives fixed ids, and addresses from the environment', () => {
    const [datasource] = (
      parse(files().get('grafana/provisioning/datasources/vigia.yaml')!) as {
        datasources: { uid: string; url: string }[];
      }
    ).datasources;
    expect(datasource).toMatchObject({ uid: 'vigia-prometheus', url: '$' + '{VIGIA_PROMETHEUS_URL}' });
    const [provider] = (
      parse(files().get('grafana/provisioning/dashboards/vigia.yaml')!) as { providers: object[] }
    ).providers;
    expect(provider).toMatchObject({
      type: 'file',
      allowUiUpdates: false,
      options: { foldersFromFilesStructure: true },
    });
    expect(provider).not.toHaveProperty('folder');
  });

  it('gives every alert a summary and a runbook', () => {
    const { groups } = parse(files().get('prometheus/vigia-rules.yml')!) as {
      groups: { rules: { alert: string; annotations: Record<string, string>; labels: object }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    expect(rules).toHaveLength(ALERT_RULES.length);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { annotations, labels } of rules) {
      expect(annotations['summary']).toMatch(/\.$/);
      expect(annotations['runbook']).toMatch(/\.$/);
      expect(labels).toHaveProperty('severity');
    }
  });
});
