/** How a dashboard is declared here, and what Grafana gets from it: the one place that knows the SDK and its traps. */

import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { finish } from './finish.ts';

/** `{level}` or `{source}` in a legend is the label's value. */
export interface Query {
  expr: string;
  legend: string;
}

export interface Panel {
  kind: 'stat' | 'timeseries';
  title: string;
  /** What it shows and what to do about it. */
  description: string;
  unit: string;
  queries: readonly Query[];
  /** What an empty answer means; never the same as zero. */
  noValue: string;
  /** Of 24 columns. */
  width: number;
  /** From these values on: orange, red. */
  warnAt?: number;
  badAt?: number;
}

export interface Row {
  title: string;
  panels: readonly Panel[];
}

export interface Dashboard {
  /** Stable, at most 40 characters: links and bookmarks depend on it. */
  uid: string;
  title: string;
  description: string;
  rows: readonly Row[];
}

export const dashboard = (definition: Dashboard): Dashboard => definition;

/** Label matchers that every query carries. `SCOPE` for all metrics, `SOURCES` for those with a source. */
export const SCOPE = 'job=~"$job", instance=~"$instance"';
export const SOURCES = `${SCOPE}, source=~"$source"`;

const DATASOURCE = { type: 'prometheus', uid: `\${datasource}` };
const HEIGHT = { stat: 4, timeseries: 8 };
/** Fixed per level, so that a colour means the same on every panel. */
const LEVEL_COLOURS = {
  critical: 'dark-red',
  high: 'red',
  medium: 'orange',
  low: 'yellow',
  informational: 'blue',
};

/** The dashboard as Grafana's file provisioning reads it; the same text every time. */
export function grafanaJson(definition: Dashboard): string {
  const builder = new DashboardBuilder(definition.title)
    .uid(definition.uid)
    .description(definition.description)
    .tags(['vigia'])
    .timezone('browser')
    .time({ from: 'now-6h', to: 'now' })
    .refresh('1m')
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
    .withVariable(labelVariable('job', 'Job', 'label_values(vigia_build_info, job)'))
    .withVariable(
      labelVariable('instance', 'Instance', 'label_values(vigia_build_info{job=~"$job"}, instance)'),
    )
    .withVariable(
      labelVariable('source', 'Source', `label_values(vigia_events_received_total{${SCOPE}}, source)`),
    );
  let id = 0;
  let y = 0;
  for (const row of definition.rows) {
    builder.withRow(new RowBuilder(row.title).id(++id).gridPos({ x: 0, y: y++, w: 24, h: 1 }));
    let x = 0;
    let height = 0;
    for (const panel of row.panels) {
      if (x + panel.width > 24) {
        x = 0;
        y += height;
        height = 0;
      }
      const gridPos = { x, y, w: panel.width, h: HEIGHT[panel.kind] };
      builder.withPanel(panelBuilder(panel, ++id).gridPos(gridPos));
      x += panel.width;
      height = Math.max(height, gridPos.h);
    }
    y += height;
  }
  return finish(builder.build());
}

const labelVariable = (name: string, label: string, query: string) =>
  new QueryVariableBuilder(name)
    .label(label)
    .query({ query, refId: name })
    .definition(query)
    .datasource(DATASOURCE)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: 'All', value: '$__all' });

function panelBuilder(panel: Panel, id: number) {
  const builder = panel.kind === 'stat' ? statBuilder(panel) : timeseriesBuilder();
  builder
    .id(id)
    .title(panel.title)
    .description(panel.description)
    .datasource(DATASOURCE)
    .unit(panel.unit)
    .noValue(panel.noValue)
    .min(0);
  for (const [index, { expr, legend }] of panel.queries.entries()) {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode(65 + index))
      .datasource(DATASOURCE)
      .expr(expr)
      .legendFormat(legend.replace(/\{(\w+)\}/g, '{{$1}}'));
    builder.withTarget(panel.kind === 'stat' ? query.instant() : query.range());
  }
  for (const [level, fixedColor] of Object.entries(LEVEL_COLOURS)) {
    if (panel.queries.some(({ legend }) => legend === '{level}' || legend === '{severity}'))
      builder.overrideByName(level, [{ id: 'color', value: { mode: 'fixed', fixedColor } }]);
  }
  return builder;
}

const statBuilder = ({ warnAt, badAt }: Panel) =>
  new StatBuilder()
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .colorMode(common.BigValueColorMode.Background)
    .graphMode(common.BigValueGraphMode.None)
    .text(new common.VizTextDisplayOptionsBuilder().valueSize(28))
    .thresholds(
      new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
        // The base step has no lower end, which Grafana writes as null.
        { value: null, color: 'green' },
        ...(warnAt === undefined ? [] : [{ value: warnAt, color: 'orange' }]),
        ...(badAt === undefined ? [] : [{ value: badAt, color: 'red' }]),
      ]),
    );

const timeseriesBuilder = () =>
  new TimeseriesBuilder()
    .lineWidth(1)
    .fillOpacity(10)
    .showPoints(common.VisibilityMode.Never)
    .spanNulls(false)
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .calcs([]),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Descending),
    );
