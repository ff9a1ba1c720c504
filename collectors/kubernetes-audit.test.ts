/** Kubernetes audit events: fields by the names of the API, nothing of a secret, hostile records. Shapes follow the published reference. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import { auditLines } from './kubernetes/audit-event.ts';
import { kubernetesAudit } from './kubernetes-audit.ts';

const context = { source: 'k8s', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 0, host: 'api1' };
const bytes = (text: string) => new TextEncoder().encode(text);
const lines = readFileSync(join(import.meta.dirname, 'testdata', 'kubernetes-audit', 'audit.log'), 'utf8')
  .trimEnd()
  .split('\n');

function eventOf(line: string) {
  const result = kubernetesAudit.normalise(bytes(line), context);
  if ('reject' in result) throw new Error(result.reject);
  return result.event;
}
const changed = (line: string, fields: object) => JSON.stringify({ ...JSON.parse(line), ...fields });
const factsOf = (line: string) => eventOf(line).vigia?.['kubernetes'];

describe('kubernetes-audit', () => {
  it('reads who did what to which object', () => {
    const { event, ...rest } = eventOf(lines[4]!);
    const { original, ...about } = event;
    expect(about).toEqual({
      kind: 'event',
      module: 'kubernetes',
      dataset: 'kubernetes.audit',
      provider: 'kube-apiserver',
      category: ['configuration'],
      type: ['access'],
      action: 'list-secrets',
      outcome: 'failure',
      reason: 'Forbidden',
    });
    expect(rest).toMatchObject({
      '@timestamp': '2026-03-04T10:00:05.123Z',
      message: 'ana list secrets 403',
      host: { name: 'api1' },
      user: { name: 'ana', roles: ['developers', 'system:authenticated'] },
      source: { ip: '192.0.2.7' },
      user_agent: { original: 'kubectl/v1.33.1 (linux/amd64) kubernetes/8adc0f0' },
      url: { original: '/api/v1/secrets?limit=500', path: '/api/v1/secrets' },
      http: { response: { status_code: 403 } },
      orchestrator: { type: 'kubernetes', api_version: 'v1', resource: { type: 'secrets' } },
      related: { user: ['ana'], ip: ['192.0.2.7'], hosts: ['api1'] },
      vigia: {
        logsource: { product: 'kubernetes', category: 'application', service: 'audit' },
        kubernetes: {
          verb: 'list',
          stage: 'ResponseComplete',
          objectRef: { resource: 'secrets', apiVersion: 'v1' },
          responseStatus: { code: 403, reason: 'Forbidden' },
          decision: 'forbid',
        },
      },
    });
    expect(original).toContain('"auditID"');
  });

  it('tells what a pod may do to its host, and what a binding gives', () => {
    expect(factsOf(lines[1]!)).toMatchObject({
      hostPath: ['/'],
      capabilities: ['SYS_ADMIN'],
      privileged: true,
      hostPID: true,
      images: ['registry.example/tool:1'],
      commands: ['sh -c run --password=<masked>'],
      serviceAccountName: 'builder',
    });
    expect(factsOf(lines[7]!)).toMatchObject({ hostNetwork: true, images: ['registry.example/side:2'] });
    expect(factsOf(lines[7]!)).not.toHaveProperty('privileged');
    expect(factsOf(lines[3]!)).toMatchObject({ role: 'cluster-admin', subjects: ['rui'] });
    expect(eventOf(lines[3]!).event).toMatchObject({ category: ['iam'], type: ['creation'] });
  });

  it.each([
    [2, { category: ['process'], type: ['start'], action: 'create-pods/exec', outcome: 'success' }],
    [5, { category: ['configuration'], type: ['access'], action: 'get', outcome: 'success' }],
    [6, { category: ['iam'], type: ['creation'], action: 'create-serviceaccounts/token' }],
  ])('record %d is %j', (at, event) => {
    expect(eventOf(lines[at]!).event).toMatchObject(event);
  });

  it('knows both names of an impersonated request, and no outcome before there is one', () => {
    expect(eventOf(lines[6]!)).toMatchObject({
      user: { name: 'ana', effective: { name: 'rui' } },
      related: { user: ['ana', 'rui'] },
    });
    expect(eventOf(lines[8]!).event.outcome).toBeUndefined();
  });

  it.each(lines.map((line, at): [number, string] => [at, line]))(
    'stores no body of record %d',
    (_at, line) => {
      expect(JSON.stringify(eventOf(line))).not.toMatch(/Pl4nted|UGw0bnRlZA|last-applied|"data"|"spec"/);
      expect(new TextDecoder().decode(kubernetesAudit.mask(bytes(line)))).toMatch(/^<\d+ bytes hidden>$/);
    },
  );

  it('takes the batch of a webhook apart', () => {
    const items = lines.map((line) => JSON.parse(line));
    for (const item of items) {
      delete item.kind;
      delete item.apiVersion;
    }
    const body = JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items });
    const taken = auditLines(body);
    expect(Array.isArray(taken) && taken.map(eventOf)).toEqual(lines.map(eventOf));
    expect(auditLines('{"kind":"Pod"}')).toContain('no EventList');
  });

  it.each([
    ['x', 'no JSON'],
    ['{"kind":"Pod","apiVersion":"v1"}', 'no Event of audit.k8s.io'],
    [changed(lines[0]!, { stageTimestamp: 'soon', requestReceivedTimestamp: 'soon' }), 'no stageTimestamp'],
    [changed(lines[0]!, { verb: undefined }), 'no verb'],
  ])('refuses %s', (line, reason) => {
    const result = kubernetesAudit.normalise(bytes(line), context);
    expect('reject' in result && result.reject).toContain(reason);
  });

  it('throws at no conflicting type, and keeps lists bounded', () => {
    const keys = Object.keys(JSON.parse(lines[1]!)).filter(
      (key) => !/kind|apiVersion|Timestamp|verb/.test(key),
    );
    for (const key of keys)
      for (const value of [null, 7, 'x', [], {}, [[]], { code: 1e12, spec: 7, resource: [] }, true])
        expect(() => eventOf(changed(lines[1]!, { [key]: value }))).not.toThrow();
    const many = {
      spec: { volumes: Array.from({ length: 9_000 }, (_, n) => ({ hostPath: { path: `/${n}` } })) },
    };
    expect(
      (factsOf(changed(lines[1]!, { requestObject: many })) as { hostPath: string[] }).hostPath,
    ).toHaveLength(64);
  });

  it.skipIf(!hasEcsReference())('makes ECS events', () => {
    const problemsOf = ecsProblems();
    for (const line of lines) expect(problemsOf(eventOf(line))).toEqual([]);
  });
});
