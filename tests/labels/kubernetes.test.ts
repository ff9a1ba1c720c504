/** Public rules on the Kubernetes audit events that the collector makes: routed to them, and reading their fields. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepare } from '../../collectors/delivery/prepare.ts';
import { kubernetesAudit } from '../../collectors/kubernetes-audit.ts';
import { lineCutter } from '../../collectors/reading/lines.ts';
import { buildEngine, loadRules } from '../../detections/index.ts';
import { corpusPath, hasCorpus } from '../corpus.ts';

const FILE = join(import.meta.dirname, '../../collectors/testdata/kubernetes-audit/audit.log');
const READ_MS = Date.parse('2026-03-05T00:00:00Z');

describe.skipIf(!hasCorpus('sigma'))('public rules on Kubernetes', () => {
  it('find what they are for', () => {
    const folder = corpusPath('sigma', 'rules', 'rules', 'application', 'kubernetes');
    const engine = buildEngine(loadRules([folder]).rules);
    const { events } = prepare(
      lineCutter(0, 1_048_576)
        .push(readFileSync(FILE))
        .map((record) => ({ ...record, generation: 1 })),
      { id: 'k8s', collector: kubernetesAudit },
      {
        readMs: READ_MS,
        retentionStartMs: 0,
        time: { anchor: '2026-03-05T00:00:00Z', zone: '0' },
        batch: 'k8s/1/test',
      },
    );
    const found = events.map(({ event }) => [
      event.event.action,
      ...engine
        .match(event)
        .map(({ rule }) => rule.title)
        .sort(),
    ]);
    expect(found).toEqual([
      ['get-secrets'],
      ['create-pods', 'Container With A hostPath Mount Created', 'Privileged Container Deployed'],
      ['create-pods/exec', 'Potential Remote Command Execution In Pod Container'],
      ['create-clusterrolebindings', 'Kubernetes Rolebinding Modification'],
      ['list-secrets', 'Kubernetes Secrets Enumeration', 'Kubernetes Unauthorized or Unauthenticated Access'],
      ['get'],
      ['create-serviceaccounts/token', 'New Kubernetes Service Account Created'],
      ['patch-deployments', 'Potential Sidecar Injection Into Running Deployment'],
      ['update-configmaps'],
    ]);
  });
});
