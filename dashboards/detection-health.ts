/** Is detection keeping up? First question: are we blind anywhere right now? */
import { dashboard, type Panel, type Query, SCOPE, SOURCES } from './dashboard.ts';

const WAIT = 'No such series yet: nothing was read since the service started.';

const stat = (panel: Omit<Panel, 'kind' | 'width'>): Panel => ({ ...panel, kind: 'stat', width: 6 });
const series = (panel: Omit<Panel, 'kind' | 'width'>): Panel => ({ ...panel, kind: 'timeseries', width: 12 });
const perSecond = (metric: string, by: string, scope: string): string =>
  `sum by (${by}) (rate(${metric}{${scope}}[$__rate_interval]))`;
const quantile = (share: number, metric: string, by: string, scope: string): string =>
  `histogram_quantile(${share}, sum by (${by}) (rate(${metric}_bucket{${scope}}[$__rate_interval])))`;
const outcome = (name: string): Query => ({
  expr: `sum(rate(vigia_events_${name}_total{${SOURCES}}[$__rate_interval]))`,
  legend: name.replaceAll('_', '-'),
});

export const detectionHealth = dashboard({
  uid: 'vigia-detection-health',
  title: 'Vigia: collection and detection health',
  description: 'Is Vigia reading every source, evaluating every event and raising incidents in time?',
  rows: [
    {
      title: 'Blind spots',
      panels: [
        stat({
          title: 'Silent sources',
          description:
            'Sources without a record for 15 minutes, or since the start. Look at the source first, then at its collector with "vigia collectors test".',
          unit: 'short',
          queries: [
            {
              expr: `count(time() - vigia_source_last_record_timestamp_seconds{${SOURCES}} > 900) or (0 * count(vigia_source_last_record_timestamp_seconds{${SOURCES}}))`,
              legend: 'silent',
            },
          ],
          noValue: WAIT,
          warnAt: 1,
          badAt: 3,
        }),
        stat({
          title: 'Dead letters waiting',
          description: 'Records that could not become an event: "vigia dead-letters list".',
          unit: 'short',
          queries: [{ expr: `max(vigia_dead_letters_waiting{${SCOPE}})`, legend: 'waiting' }],
          noValue: WAIT,
          warnAt: 1,
          badAt: 1_000,
        }),
        stat({
          title: 'Rules refused',
          description:
            'Rules that did not load and therefore detect nothing: "vigia rules check" names file, line and cause.',
          unit: 'short',
          queries: [{ expr: `max(vigia_rules_loaded{${SCOPE}, state="refused"})`, legend: 'refused' }],
          noValue: WAIT,
          badAt: 1,
        }),
        stat({
          title: 'Store errors in the time range',
          description:
            'Failed calls of the store. Nothing is lost while they last, but detection waits: "vigia health".',
          unit: 'short',
          queries: [
            {
              expr: `sum(increase(vigia_store_errors_total{${SCOPE}}[$__range])) or vector(0)`,
              legend: 'errors',
            },
          ],
          noValue: WAIT,
          warnAt: 1,
          badAt: 100,
        }),
        series({
          title: 'Time since the last record',
          description: 'By source. A line that climbs is a source that went silent.',
          unit: 's',
          queries: [
            {
              expr: `time() - max by (source) (vigia_source_last_record_timestamp_seconds{${SOURCES}})`,
              legend: '{source}',
            },
          ],
          noValue: WAIT,
        }),
        series({
          title: 'Lag of the newest event',
          description:
            'Age of the newest event of a source when it was stored. Growing means that the source or Vigia is behind.',
          unit: 's',
          queries: [{ expr: `max by (source) (vigia_source_lag_seconds{${SOURCES}})`, legend: '{source}' }],
          noValue: WAIT,
        }),
      ],
    },
    {
      title: 'Ledger: read = stored + duplicate + dead-lettered; stored = evaluated',
      panels: [
        stat({
          title: 'Unaccounted records in 24 hours',
          description:
            'Differences of the ledger, hour by hour, whatever the time range. Not zero is a defect: "vigia health --ledger" shows where.',
          unit: 'short',
          queries: [{ expr: `max(vigia_ledger_difference_records{${SCOPE}})`, legend: 'unaccounted' }],
          noValue: WAIT,
          badAt: 1,
        }),
        stat({
          title: 'Datagrams dropped in the time range',
          description:
            'The spool had no room for them (disk full or slow), or the kernel dropped them before they were read. They are lost; senders over TCP wait instead.',
          unit: 'short',
          queries: [
            {
              expr: `sum(increase(vigia_spool_dropped_total{${SOURCES}}[$__range]))`,
              legend: 'no room',
            },
            {
              expr: `sum(increase(vigia_udp_kernel_dropped_total{${SOURCES}}[$__range]))`,
              legend: 'kernel',
            },
          ],
          noValue: 'No source listens for datagrams.',
          badAt: 1,
        }),
        series({
          title: 'Records by outcome',
          description:
            'Per second, all chosen sources. Received must equal the sum of stored, duplicate and dead-lettered.',
          unit: 'ops',
          queries: ['received', 'stored', 'duplicate', 'dead_lettered', 'evaluated'].map(outcome),
          noValue: WAIT,
        }),
        series({
          title: 'Dead-lettered by source and stage',
          description: 'Per second. A sudden rise after an update of a source means that its format changed.',
          unit: 'ops',
          queries: [
            {
              expr: perSecond('vigia_events_dead_lettered_total', 'source, stage', SOURCES),
              legend: '{source} {stage}',
            },
          ],
          noValue: 'Nothing was dead-lettered since the service started.',
        }),
        series({
          title: 'Calls of senders by outcome',
          description:
            'Per second. "full": the spool had no room, the sender keeps its records and tries again; "unauthenticated": look at its credentials.',
          unit: 'ops',
          queries: [
            {
              expr: perSecond('vigia_receiver_calls_total', 'source, outcome', SOURCES),
              legend: '{source} {outcome}',
            },
          ],
          noValue: 'No source receives over HTTP.',
        }),
      ],
    },
    {
      title: 'Speed',
      panels: [
        series({
          title: 'Event to incident',
          description:
            'From a record being read to its incident being visible. The budget is 2 s for 95 of 100.',
          unit: 's',
          queries: [
            { expr: quantile(0.5, 'vigia_event_to_incident_seconds', 'le', SCOPE), legend: 'half of them' },
            { expr: quantile(0.95, 'vigia_event_to_incident_seconds', 'le', SCOPE), legend: '95 of 100' },
          ],
          noValue: 'No incident was raised in this time range.',
        }),
        series({
          title: 'Batch duration, 95 of 100',
          description: 'From the first record of a batch to its checkpoint, by source.',
          unit: 's',
          queries: [
            {
              expr: quantile(0.95, 'vigia_batch_duration_seconds', 'le, source', SOURCES),
              legend: '{source}',
            },
          ],
          noValue: WAIT,
        }),
      ],
    },
    {
      title: 'Detection',
      panels: [
        series({
          title: 'Matches by level',
          description: 'Per second. Matches feed correlations; most are not shown to people.',
          unit: 'ops',
          queries: [{ expr: perSecond('vigia_rule_matches_total', 'level', SCOPE), legend: '{level}' }],
          noValue: 'No rule has matched since the service started.',
        }),
        series({
          title: 'Alerts by level',
          description: 'Raised in each step of the graph.',
          unit: 'short',
          queries: [
            {
              expr: `sum by (level) (increase(vigia_alerts_total{${SCOPE}}[$__rate_interval]))`,
              legend: '{level}',
            },
          ],
          noValue: 'No alert was raised since the service started.',
        }),
        series({
          title: 'Open incidents by severity',
          description: 'Not closed, whoever owns them.',
          unit: 'short',
          queries: [{ expr: `max by (severity) (vigia_incidents_open{${SCOPE}})`, legend: '{severity}' }],
          noValue: WAIT,
        }),
        series({
          title: 'Incidents raised by severity',
          description: 'Raised in each step of the graph.',
          unit: 'short',
          queries: [
            {
              expr: `sum by (severity) (increase(vigia_incidents_raised_total{${SCOPE}}[$__rate_interval]))`,
              legend: '{severity}',
            },
          ],
          noValue: 'No incident was raised since the service started.',
        }),
      ],
    },
    {
      title: 'What is hidden, and what is left out',
      panels: [
        stat({
          title: 'Exceptions that end soon',
          description: 'Their alerts come back: "vigia exceptions list" says when.',
          unit: 'short',
          queries: [{ expr: `max(vigia_exceptions_ending{${SCOPE}})`, legend: 'ending' }],
          noValue: WAIT,
          warnAt: 1,
        }),
        stat({
          title: 'Matches left out of windows in the time range',
          description:
            'A window larger than memory allows counts its newest matches only. The log names the rule.',
          unit: 'short',
          queries: [
            {
              expr: `sum(increase(vigia_correlation_left_out_total{${SCOPE}}[$__range])) or vector(0)`,
              legend: 'left out',
            },
          ],
          noValue: WAIT,
          badAt: 1,
        }),
        series({
          title: 'Exceptions by where they stand',
          description: 'Proposed ones hide nothing until a second person approves.',
          unit: 'short',
          queries: [
            { expr: `max by (standing) (vigia_exceptions_standing{${SCOPE}})`, legend: '{standing}' },
          ],
          noValue: WAIT,
        }),
        series({
          title: 'Alerts that exceptions cover, by level',
          description: 'Made and kept in each step of the graph, but part of no incident.',
          unit: 'short',
          queries: [
            {
              expr: `sum by (level) (increase(vigia_alerts_suppressed_total{${SCOPE}}[$__rate_interval]))`,
              legend: '{level}',
            },
          ],
          noValue: 'No exception has covered an alert since the service started.',
        }),
        series({
          title: 'Correlation memory',
          description:
            'Matches and event ids in memory; it is bounded, and what is forgotten is loaded again.',
          unit: 'short',
          queries: [{ expr: `max(vigia_correlation_memory_points{${SCOPE}})`, legend: 'in memory' }],
          noValue: 'No correlation has been touched since the service started.',
        }),
        series({
          title: 'Correlation groups loaded again',
          description:
            'Per second: late matches that reach further back than memory. They cost reading, nothing else.',
          unit: 'ops',
          queries: [
            {
              expr: `sum(rate(vigia_correlation_late_total{${SCOPE}}[$__rate_interval]))`,
              legend: 'groups',
            },
          ],
          noValue: 'None since the service started.',
        }),
      ],
    },
  ],
});
