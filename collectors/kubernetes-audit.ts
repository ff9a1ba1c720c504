/**
 * The audit log of a Kubernetes API server becomes ECS events. Delivery: at least once from files, ids by position. Bodies
 * of requests and answers are not stored; `kubernetes/bodies.ts` says what is kept of them.
 *
 * | The API server writes | Event |
 * | --- | --- |
 * | `verb`, `objectRef`, `responseStatus`, `user` … | `vigia.kubernetes.<the same>`, as Sigma's rules name them |
 * | `user.username`, `impersonatedUser.username` | `user.name`, `user.effective.name` |
 * | `sourceIPs` | `source.ip` (the first: the client's to write when a proxy stands before), `related.ip` |
 * | pods: `hostPath`, `capabilities`, `privileged`, host namespaces, images; roles: `verbs`, `resources`, `role`, `subjects` | `vigia.kubernetes.<name>` |
 */
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { parseObject } from './json/parse-object.ts';
import { auditEvent } from './kubernetes/audit-event.ts';

const utf8 = new TextDecoder('utf-8');

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const record = parseObject(utf8.decode(raw));
  return typeof record === 'string' ? reject(record) : auditEvent(record, context);
}

export const kubernetesAudit = collector({
  id: 'kubernetes-audit',
  title: 'Kubernetes audit log',
  summary:
    'Reads the audit log of a Kubernetes API server (--audit-log-path, format json, audit.k8s.io/v1), one event a line. ' +
    'Levels RequestResponse or Request are needed for pods and for roles: only then the log tells what a pod may do. ' +
    'Not exercised against a live server: samples follow the published reference of the API.',
  guarantee:
    'Files: nothing lost, nothing doubled. Each stage of a request that the policy does not omit is an event of its own, with the same ' +
    'vigia.kubernetes.auditID. Bodies (data of secrets and config maps, tokens, variables) are never stored, nor kept in dead letters. ' +
    'What the API server drops when its buffer is full (mode batch) is lost before it reaches the file.',
  datasets: ['kubernetes.audit'],
  framing: { kind: 'lines' },
  /** Objects of a megabyte and more are ordinary in the level RequestResponse. */
  maxBytes: 4 * 1_048_576,
  normalise,
  /** A record that is refused may hold a secret anywhere: only its size is told. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(`<${raw.length} bytes hidden>`),
});
