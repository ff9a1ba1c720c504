/** Every metric that Vigia exposes, declared once: dashboards and alert rules may use only what stands here. */
import { isDeepStrictEqual } from 'node:util';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

interface Declaration {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  /** Bounded and never personal: ids of configured sources, levels, stages. */
  labels?: readonly string[];
  buckets?: readonly number[];
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export const METRICS = {
  vigia_build_info: { type: 'gauge', help: 'Always 1; the version is a label.', labels: ['version'] },
  vigia_events_received_total: { type: 'counter', help: 'Records read from a source.', labels: ['source'] },
  vigia_events_stored_total: {
    type: 'counter',
    help: 'Events stored for the first time.',
    labels: ['source'],
  },
  vigia_events_duplicate_total: {
    type: 'counter',
    help: 'Records met again and recognised.',
    labels: ['source'],
  },
  vigia_events_dead_lettered_total: {
    type: 'counter',
    help: 'Records kept as dead letters, by the stage that refused them.',
    labels: ['source', 'stage'],
  },
  vigia_events_evaluated_total: {
    type: 'counter',
    help: 'Events that all rules have seen.',
    labels: ['source'],
  },
  vigia_source_lag_seconds: {
    type: 'gauge',
    help: 'Age of the newest event of a source when it was stored.',
    labels: ['source'],
  },
  vigia_source_last_record_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last record of a source was read, Unix time; before the first, when reading began.',
    labels: ['source'],
  },
  vigia_batch_duration_seconds: {
    type: 'histogram',
    help: 'From the first record of a batch to its checkpoint.',
    labels: ['source'],
    buckets: SECONDS,
  },
  vigia_spool_dropped_total: {
    type: 'counter',
    help: 'Datagrams dropped because the spool had no room: the disk was full or too slow, or too much waits for the store.',
    labels: ['source'],
  },
  vigia_udp_kernel_dropped_total: {
    type: 'counter',
    help: 'Datagrams that the kernel dropped before they were read, because the receive buffer was full; of Linux only.',
    labels: ['source'],
  },
  vigia_receiver_calls_total: {
    type: 'counter',
    help: 'Calls to an HTTP receiver by outcome: taken, greeted (start-up calls), refused, full (429), unauthenticated, failed.',
    labels: ['source', 'outcome'],
  },
  vigia_ledger_difference_records: {
    type: 'gauge',
    help: 'Records of the last 24 hours that the ledger cannot account for; must be 0.',
  },
  vigia_rules_loaded: {
    type: 'gauge',
    help: 'Rules by what became of them: loaded or refused.',
    labels: ['state'],
  },
  vigia_rule_matches_total: { type: 'counter', help: 'Matches by level of the rule.', labels: ['level'] },
  vigia_alerts_total: { type: 'counter', help: 'Alerts raised, by level of the rule.', labels: ['level'] },
  vigia_alerts_suppressed_total: {
    type: 'counter',
    help: 'Alerts that an exception covered when they were made, by level of the rule.',
    labels: ['level'],
  },
  vigia_exceptions_standing: {
    type: 'gauge',
    help: 'Exceptions by where they stand: proposed, scheduled, active.',
    labels: ['standing'],
  },
  vigia_exceptions_ending: {
    type: 'gauge',
    help: 'Exceptions in force that end within the days that policy warns of; their alerts come back.',
  },
  vigia_incidents_raised_total: {
    type: 'counter',
    help: 'Incidents raised, by severity at that moment.',
    labels: ['severity'],
  },
  vigia_incidents_open: { type: 'gauge', help: 'Incidents not closed, by severity.', labels: ['severity'] },
  vigia_event_to_incident_seconds: {
    type: 'histogram',
    help: 'From a record being read to its incident being visible.',
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300],
  },
  vigia_correlation_memory_points: {
    type: 'gauge',
    help: 'Matches and event ids that the correlator has in memory; bounded.',
  },
  vigia_correlation_late_total: {
    type: 'counter',
    help: 'Correlation groups loaded from the store again, because a match came later than memory reaches.',
  },
  vigia_correlation_left_out_total: {
    type: 'counter',
    help: 'Matches left out of correlation windows that are larger than memory allows.',
  },
  vigia_store_errors_total: {
    type: 'counter',
    help: 'Failed calls of the store, by stage of the pipeline.',
    labels: ['stage'],
  },
  vigia_playbook_concerns: {
    type: 'gauge',
    help: 'Troubles of playbooks that people must look at: stuck, unanswered, unheard, unapproved, break-glass, unreviewed, stopped.',
    labels: ['kind'],
  },
  vigia_on_call_people: {
    type: 'gauge',
    help: 'People of each on-call chain by what their channel said when it was last asked: proven, not-proven, unknown.',
    labels: ['chain', 'outcome'],
  },
  vigia_dead_letters_waiting: { type: 'gauge', help: 'Dead letters that wait for somebody.' },
} as const satisfies Record<string, Declaration>;

export type MetricName = keyof typeof METRICS;
type LabelsOf<N extends MetricName> = (typeof METRICS)[N] extends {
  labels: readonly (infer L extends string)[];
}
  ? Record<L, string>
  : undefined;
type NamesOf<T extends Declaration['type']> = {
  [N in MetricName]: (typeof METRICS)[N]['type'] extends T ? N : never;
}[MetricName];

export interface Metrics {
  /** `metrics.count('vigia_events_stored_total', {source: 'samba'}, 500)` */
  count<N extends NamesOf<'counter'>>(name: N, labels: LabelsOf<N>, by?: number): void;
  set<N extends NamesOf<'gauge'>>(name: N, labels: LabelsOf<N>, value: number): void;
  observe<N extends NamesOf<'histogram'>>(name: N, labels: LabelsOf<N>, seconds: number): void;
  /** What a counter has come to in this process; undefined when its series was never begun. */
  counted<N extends NamesOf<'counter'>>(name: N, labels: LabelsOf<N>): Promise<number | undefined>;
  /** Takes away series that no longer exist, such as those of a removed source. */
  remove<N extends MetricName>(name: N, labels: LabelsOf<N>): void;
  /** The text that `/metrics` answers with. */
  exposition(): Promise<string>;
  contentType: string;
}

/** One registry per process; also has Node's own metrics (`process_*`, `nodejs_*`). */
export function createMetrics({ version }: { version: string }): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const made = new Map<string, Counter | Gauge | Histogram>();
  for (const [name, declared] of Object.entries(METRICS) as [MetricName, Declaration][]) {
    const options = {
      name,
      help: declared.help,
      labelNames: [...(declared.labels ?? [])],
      registers: [registry],
    };
    if (declared.type === 'counter') made.set(name, new Counter(options));
    else if (declared.type === 'gauge') made.set(name, new Gauge(options));
    else made.set(name, new Histogram({ ...options, buckets: [...(declared.buckets ?? SECONDS)] }));
  }
  // The tables above give each name its type, hence the casts.
  const metrics: Metrics = {
    count: (name, labels, by = 1) => (made.get(name) as Counter).inc(labels ?? {}, by),
    set: (name, labels, value) => (made.get(name) as Gauge).set(labels ?? {}, value),
    observe: (name, labels, seconds) => (made.get(name) as Histogram).observe(labels ?? {}, seconds),
    counted: async (name, labels) => {
      const { values } = await (made.get(name) as Counter).get();
      return values.find((one) => isDeepStrictEqual({ ...one.labels }, { ...labels }))?.value;
    },
    remove: (name, labels) => made.get(name)?.remove(labels ?? {}),
    exposition: () => registry.metrics(),
    contentType: registry.contentType,
  };
  metrics.set('vigia_build_info', { version }, 1);
  return metrics;
}
