/**
 * What name servers log becomes ECS events: BIND 9, unbound, and the debug log of the Windows DNS server. Each format is cited where
 * it is read (`dns/`). Samples follow these documents: not exercised against a live server.
 *
 * | The server logs | Event |
 * | --- | --- |
 * | questions, answers | dataset dns.query: `dns.question`, `dns.response_code`; `vigia.dns` measures the name |
 * | transfers of zones, dynamic updates | dataset dns.change: `event.action` zone-transfer or dynamic-update |
 * | any other line | dataset dns.log |
 *
 * BIND logs questions without answers: NXDOMAIN is only seen from unbound (`log-replies`) and Windows.
 */
import { getDomain, getPublicSuffix, getSubdomain } from 'tldts';
import type { Draft } from '../core/event.ts';
import { isoOf } from '../core/iso-time.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { bindRecord } from './dns/bind.ts';
import { type DnsRecord, plainName } from './dns/record.ts';
import { unboundRecord } from './dns/unbound.ts';
import { windowsDebugRecord } from './dns/windows-debug.ts';
import { draftOf, type Loose } from './ecs/draft.ts';
import { endpoint } from './ecs/endpoint.ts';

const utf8 = new TextDecoder('utf-8');
/** Names in questions need not be host names: `_ldap._tcp`, anything a tunnel writes. */
const LOOSE = { validateHostname: false, extractHostname: false, detectIp: false } as const;

function questionOf(record: DnsRecord): NonNullable<Loose<Draft>['dns']>['question'] {
  if (record.name === undefined) return undefined;
  const name = plainName(record.name);
  return {
    name,
    type: record.type,
    class: record.class,
    registered_domain: getDomain(name, LOOSE) ?? undefined,
    subdomain: getSubdomain(name, LOOSE) ?? undefined,
    top_level_domain: getPublicSuffix(name, LOOSE) ?? undefined,
  };
}

/** Measures by which tunnels and generated names are told from ordinary ones. */
function measures(name: string | undefined): Record<string, unknown> {
  if (name === undefined) return {};
  const labels = plainName(name).split('.');
  return {
    name_bytes: name.length,
    labels: labels.length,
    longest_label: Math.max(...labels.map((label) => label.length)),
  };
}

const ACTIONS = {
  query: 'dns-query',
  answer: 'dns-answer',
  transfer: 'zone-transfer',
  update: 'dynamic-update',
  log: 'message',
};
const DATASETS = {
  query: 'dns.query',
  answer: 'dns.query',
  transfer: 'dns.change',
  update: 'dns.change',
  log: 'dns.log',
};

function toEvent(record: DnsRecord, original: string, context: NormaliseContext): Draft {
  const { kind, time, server } = record;
  const isTraffic = kind === 'query' || kind === 'answer';
  return draftOf({
    '@timestamp': time === undefined ? undefined : isoOf(time.ms),
    event: {
      kind: 'event',
      module: 'dns',
      dataset: DATASETS[kind],
      provider: server,
      category: isTraffic ? ['network'] : kind === 'log' ? ['host'] : ['configuration'],
      type: isTraffic
        ? ['protocol', 'info']
        : kind === 'log'
          ? ['info']
          : [kind === 'update' ? 'change' : 'access'],
      action: ACTIONS[kind],
      outcome: record.outcome,
      reason: record.reason,
      original,
    },
    message: record.text,
    service: { type: server },
    host: { name: context.host },
    log: { level: record.severity },
    source: endpoint(record.client, record.clientPort),
    destination: endpoint(record.asked),
    network: {
      protocol: isTraffic ? 'dns' : undefined,
      transport: record.transport,
    },
    dns: {
      type: kind === 'query' || kind === 'answer' ? kind : undefined,
      id: record.id,
      op_code: record.opcode,
      header_flags: record.flags,
      question: questionOf(record),
      response_code: record.code,
      answers: record.answers,
    },
    vigia: {
      logsource: { product: server, category: 'dns', service: `${server}-log` },
      ...(time !== undefined && time.assumed.length > 0 ? { clock: time.assumed } : {}),
      dns: {
        ...measures(record.name),
        zone: record.zone === undefined ? undefined : plainName(record.zone),
        operation: record.action,
        view: record.view,
      },
    },
  });
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const line = utf8.decode(raw);
  const record =
    bindRecord(line, context) ?? unboundRecord(line, context) ?? windowsDebugRecord(line, context);
  if (record === undefined)
    return reject(
      'no line of BIND 9 (with print-time), of unbound, or packet line of the Windows DNS debug log',
    );
  return { event: toEvent(record, line, context) };
}

export const dnsServer = collector({
  id: 'dns-server',
  title: 'Name server logs',
  summary:
    'Questions, answers, zone transfers and dynamic updates that BIND 9, unbound or the Windows DNS server (debug log, packets without ' +
    'details) write to a file. Written after the documentation of each; not exercised against a live server.',
  guarantee:
    'Files: nothing lost, nothing doubled. The key at the top of a Windows debug log is dead-lettered line by line. The Windows server ' +
    'overwrites its log when it reaches its limit: what was not read by then is gone. Name servers drop log lines before they drop questions.',
  datasets: ['dns.query', 'dns.change', 'dns.log'],
  framing: { kind: 'lines' },
  normalise,
});
