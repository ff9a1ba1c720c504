/** Rules for databases in general, our short names and a public rule, meet the events of every database we collect. */
import { describe, expect, it } from 'vitest';
import type { Collector } from '../../collectors/collector.ts';
import { mariadbAudit } from '../../collectors/mariadb-audit.ts';
import { oracleAudit } from '../../collectors/oracle-audit.ts';
import { postgresql } from '../../collectors/postgresql.ts';
import { sqlserverAudit } from '../../collectors/sqlserver-audit.ts';
import type { Event } from '../../core/event.ts';
import { loadTexts, ruleText } from '../../detections/engine/testing.ts';
import { buildEngine, loadRules } from '../../detections/index.ts';
import { corpusPath, hasCorpus } from '../corpus.ts';

const AT = '2026-03-04T10:00:00.000000';
const DROPPED = 'DROP/**/TABLE claims';
const records: [string, Collector, string][] = [
  [
    'postgresql',
    postgresql,
    JSON.stringify({
      timestamp: '2026-03-04 10:00:00.123 UTC',
      user: 'ana',
      remote_host: '192.0.2.5',
      message: `statement: ${DROPPED}`,
    }),
  ],
  ['mariadb', mariadbAudit, `20260304 11:00:00,db9,ana,192.0.2.5,7,12,QUERY,crm,'${DROPPED}',0`],
  [
    'oracle',
    oracleAudit,
    JSON.stringify({
      at: AT,
      action_name: 'DROP TABLE',
      dbusername: 'ana',
      authentication_type: '(HOST=192.0.2.5)',
      sql_text: DROPPED,
    }),
  ],
  [
    'mssql',
    sqlserverAudit,
    JSON.stringify({
      at: AT,
      action_id: 'DR',
      class_type: 'U',
      server_principal_name: 'ana',
      client_ip: '192.0.2.5',
      statement: DROPPED,
    }),
  ],
];

function eventOf(collector: Collector, text: string): Event {
  const context = { source: 'db', anchor: AT, zoneMinutes: 0 };
  const made = collector.normalise(new TextEncoder().encode(text), context);
  if ('reject' in made) throw new Error(made.reject);
  return made.event as Event;
}
const hits = (rules: ReturnType<typeof loadTexts>['rules'], event: Event) =>
  buildEngine(rules).match(event).length;

describe.each(records)('an event of %s', (product, collector, text) => {
  const event = eventOf(collector, text);
  const selection = (query: string) =>
    `selection:\n  query|contains: ${query}\n  db_user: ana\n  src_ip: 192.0.2.5\ncondition: selection`;

  it('is found by the short names of databases', () => {
    const { rules } = loadTexts([ruleText(selection('drop table'), 'category: database')]);
    expect(hits(rules, event)).toBe(1);
    const { rules: others } = loadTexts([ruleText(selection('drop view'), 'category: database')]);
    expect(hits(others, event)).toBe(0);
  });

  it('meets rules for its product and none for another', () => {
    const of = (wanted: string) =>
      loadTexts([
        ruleText('selection:\n  event.action|exists: true\ncondition: selection', `product: ${wanted}`),
      ]).rules;
    expect(hits(of(product), event)).toBe(1);
    expect(hits(of('linux'), event)).toBe(0);
  });

  it.skipIf(!hasCorpus('sigma'))('meets the public rule about suspicious statements', () => {
    const { rules } = loadRules([corpusPath('sigma', 'rules', 'rules', 'category', 'database')]);
    expect(rules).toHaveLength(1);
    expect(hits(rules, event)).toBe(1);
  });
});
