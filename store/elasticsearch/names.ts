/** Names of indices and ids. Everything begins with the prefix, so that several installations may share one cluster. */
import { createHash } from 'node:crypto';
import type { Kind } from '../../core/documents.ts';

const PLURALS: Readonly<Record<Kind, string>> = {
  match: 'matches',
  alert: 'alerts',
  incident: 'incidents',
  exception: 'exceptions',
  'dead-letter': 'dead-letters',
  checkpoint: 'checkpoints',
  progress: 'progress',
  'rule-state': 'rule-states',
  indicator: 'indicators',
  'indicator-list': 'indicator-lists',
  grant: 'grants',
  access: 'access',
  deed: 'deeds',
  audit: 'audit',
  token: 'tokens',
  run: 'runs',
  journal: 'journal',
  marker: 'markers',
  evidence: 'evidence',
  'patch-host': 'patch-hosts',
  'patch-task': 'patch-tasks',
  advisory: 'advisories',
};

export interface Names {
  /** Index of a partition; partitions are named `vigia-events-…` by core. */
  partition(partition: string): string;
  partitionOf(index: string): string;
  documents(kind: Kind): string;
  allEvents: string;
  batches: string;
  control: string;
  everything: string;
  /** A name in a template file, which says `vigia`. */
  prefixed(name: string): string;
}

const WRITTEN = 'vigia';

export function namesWith(prefix: string): Names {
  const prefixed = (name: string): string => prefix + name.slice(WRITTEN.length);
  return {
    partition: prefixed,
    partitionOf: (index) => WRITTEN + index.slice(prefix.length),
    documents: (kind) => `${prefix}-${PLURALS[kind]}`,
    allEvents: `${prefix}-events-*`,
    batches: `${prefix}-batches`,
    control: `${prefix}-control`,
    everything: `${prefix}-*`,
    prefixed,
  };
}

/** Elasticsearch takes ids of up to 512 bytes; natural keys (paths) may be longer. */
export function storedId(id: string): string {
  return Buffer.byteLength(id) <= 500 ? id : `sha256:${createHash('sha256').update(id).digest('hex')}`;
}
