/** Prometheus alert rules about Vigia itself: who watches the watchman. */
import { stringify } from 'yaml';

interface AlertRule {
  name: string;
  expr: string;
  /** How long it must hold. */
  holds: string;
  severity: 'warning' | 'critical';
  summary: string;
  /** What to do, in order. */
  runbook: string;
}

export const ALERT_RULES: readonly AlertRule[] = [
  {
    name: 'VigiaDown',
    expr: 'up{job="vigia"} == 0 or absent(up{job="vigia"})',
    holds: '2m',
    severity: 'critical',
    summary: 'Vigia does not answer: nothing is collected or detected.',
    runbook:
      'Look at the service (systemctl status vigia, its log), then at the store. Nothing is lost in files meanwhile; plain syslog is.',
  },
  {
    name: 'VigiaSourceSilent',
    expr: 'time() - max by (source) (vigia_source_last_record_timestamp_seconds) > 900',
    holds: '5m',
    severity: 'warning',
    summary: 'No record from {{ $labels.source }} for {{ $value | humanizeDuration }}.',
    runbook:
      'Is the source writing, and may Vigia read its file? Then "vigia collectors test". A silent domain controller or database may be an attack on logging.',
  },
  {
    name: 'VigiaSourceLagging',
    expr: 'max by (source) (vigia_source_lag_seconds) > 300',
    holds: '10m',
    severity: 'warning',
    summary: 'Events of {{ $labels.source }} arrive {{ $value | humanizeDuration }} late.',
    runbook:
      'Compare received with stored on the dashboard: if stored keeps up, the source is late, else the store is slow ("vigia health").',
  },
  {
    name: 'VigiaDeadLetters',
    expr: 'sum by (source, stage) (increase(vigia_events_dead_lettered_total[15m])) > 0',
    holds: '0m',
    severity: 'warning',
    summary:
      '{{ $value | humanize }} records of {{ $labels.source }} were refused at stage {{ $labels.stage }}.',
    runbook:
      '"vigia dead-letters list" names the reason and keeps the beginning of each record. Mend the source or its settings; then import what was refused with "vigia ingest" under another source id.',
  },
  {
    name: 'VigiaLedgerOpen',
    expr: 'max(vigia_ledger_difference_records) > 0',
    holds: '10m',
    severity: 'critical',
    summary: 'The ledger of the last 24 hours cannot account for {{ $value }} records.',
    runbook:
      '"vigia health --ledger" shows source and hour. It is no load or outage, but a bug or a changed batch record: keep the log and a backup, run "vigia audit verify", report it.',
  },
  {
    name: 'VigiaSpoolDrops',
    expr: 'sum by (source) (increase(vigia_spool_dropped_total[15m])) > 0',
    holds: '0m',
    severity: 'critical',
    summary:
      '{{ $value | humanize }} datagrams for {{ $labels.source }} were dropped: the spool had no room.',
    runbook:
      'The disk of the state folder is full or slow: free space there. Senders over TCP wait meanwhile; let senders that matter use TCP.',
  },
  {
    name: 'VigiaKernelDrops',
    expr: 'sum by (source) (increase(vigia_udp_kernel_dropped_total[15m])) > 0',
    holds: '0m',
    severity: 'warning',
    summary:
      '{{ $value | humanize }} datagrams for {{ $labels.source }} were dropped by the kernel before they were read.',
    runbook:
      'Too much came at once for one process. Raise the sysctl net.core.rmem_max (Vigia asks for 8 MiB), give the process more of the machine, divide the senders over several sources, or let senders that matter use TCP.',
  },
  {
    name: 'VigiaPlaybooksNeedPeople',
    expr: 'max by (kind) (vigia_playbook_concerns) > 0',
    holds: '1m',
    severity: 'warning',
    summary: '{{ $value }} playbook runs need people: {{ $labels.kind }}.',
    runbook:
      '"vigia runs list" and the incident that Vigia raised say which. Stuck: resume, skip or abandon. Unapproved or unanswered: call who is named. Break-glass: have somebody else review it.',
  },
  {
    name: 'VigiaOnCallUnreachable',
    expr: 'max by (chain) (vigia_on_call_people{outcome="not-proven"}) > 0',
    holds: '0m',
    severity: 'critical',
    summary: '{{ $value }} people of the on-call chain {{ $labels.chain }} cannot be reached.',
    runbook:
      '"vigia doctor" names them and says why: an address that the mail server refuses, a receiver that does not answer, a target that is gone. Mend the channel or the chain before somebody is needed.',
  },
  {
    name: 'VigiaStoreErrors',
    expr: 'sum by (stage) (rate(vigia_store_errors_total[5m])) > 0',
    holds: '10m',
    severity: 'critical',
    summary: 'The store fails at stage {{ $labels.stage }}.',
    runbook:
      '"vigia health"; then the store itself: disk, memory, certificates. Collection waits and goes on by itself.',
  },
  {
    name: 'VigiaRulesRefused',
    expr: 'max(vigia_rules_loaded{state="refused"}) > 0',
    holds: '0m',
    severity: 'warning',
    summary: '{{ $value }} detection rules did not load.',
    runbook: '"vigia rules check" names file, line and cause.',
  },
  {
    name: 'VigiaSlow',
    expr: 'histogram_quantile(0.95, sum by (le) (rate(vigia_event_to_incident_seconds_bucket[10m]))) > 10',
    holds: '10m',
    severity: 'warning',
    summary: 'Incidents appear {{ $value | humanizeDuration }} after their event.',
    runbook: 'Batch duration on the dashboard shows where the time goes: reading, matching or storing.',
  },
];

/** A rule file for Prometheus. */
export function alertRulesYaml(): string {
  const rules = ALERT_RULES.map(({ name, expr, holds, severity, summary, runbook }) => ({
    alert: name,
    expr,
    for: holds,
    labels: { severity },
    annotations: { summary, runbook },
  }));
  return stringify({ groups: [{ name: 'vigia', rules }] }, { lineWidth: 0 });
}
