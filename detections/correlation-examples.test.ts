/** The correlation rules that others published: the specification's own examples, and Hayabusa's, each with a hit and a near miss. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { corpusPath, hasCorpus } from '../tests/corpus.ts';
import type { AlertingPolicy } from './alerting.ts';
import { correlator } from './correlate.ts';
import { buildEngine } from './engine/match.ts';
import type { CorrelationRule } from './engine/rule.ts';
import { loadTexts } from './engine/testing.ts';
import { evaluator, groupKey } from './evaluate.ts';

type Fields = Record<string, string | number>;
const policy: AlertingPolicy = {
  version: 't',
  alert_from: { own: 'informational', imported: 'informational' },
  never: { levels: [], statuses: [] },
};
const MINUTE_MS = 60_000;

/** How many alerts the published file gives with rules that match everything of their name; events are a minute apart or less. */
async function alertsOf(file: string, parts: string[], events: Fields[], spacingMs = 1_000): Promise<number> {
  const text = readFileSync(corpusPath('sigma', ...file.split('/')), 'utf8');
  const { rules, refused } = loadTexts([...parts, text]);
  expect(refused).toEqual([]);
  const made = events.map(
    (fields, index) =>
      ({
        '@timestamp': new Date(Date.UTC(2026, 2, 1) + index * spacingMs).toISOString(),
        event: { id: `e${String(index).padStart(5, '0')}`, dataset: 'test' },
        ...fields,
      }) as unknown as Event,
  );
  const { matches } = await evaluator(buildEngine(rules), policy)(made);
  const { settle } = correlator(rules, policy);
  let count = 0;
  for (const rule of rules.filter((one): one is CorrelationRule => one.kind === 'correlation')) {
    const own = matches.filter((match) => match.group[rule.id]);
    for (const group of Map.groupBy(own, (match) => groupKey(rule.id, match.group[rule.id]!.by)).values())
      count += settle(rule, group).length;
  }
  return count;
}

const partOf = (name: string, id = name): string =>
  `title: ${name}\nid: ${id}\nname: ${name}\nlogsource: {product: windows}\ndetection: {sel: {Kind: ${name}}, condition: sel}\n`;
const times = (count: number, fields: (n: number) => Fields): Fields[] =>
  Array.from({ length: count }, (_, n) => fields(n));

describe.runIf(hasCorpus('sigma', 'spec-examples'))('examples of the specification', () => {
  const base = [partOf('base', '5638f7c0-ac70-491d-8465-2a65075e0d86')];
  const recon = ['recon_cmd_a', 'recon_cmd_b', 'recon_cmd_c'];
  const at = { ComputerName: 'pc1', User: 'ana' };
  const run = (order: string[]): Fields[] => order.map((Kind) => ({ Kind, ...at }));

  it.each<[string, string[], Fields[], Fields[]]>([
    [
      'event_count.yml',
      base,
      times(100, () => ({ Kind: 'base', ComputerName: 'pc1' })),
      times(100, (n) => ({ Kind: 'base', ComputerName: n === 0 ? 'pc2' : 'pc1' })),
    ],
    [
      'event_count_ecs.yml',
      base,
      times(100, () => ({ Kind: 'base', 'dns.question.name': 'example.test' })),
      times(99, () => ({ Kind: 'base', 'dns.question.name': 'example.test' })),
    ],
    [
      'value_count.yml',
      base,
      times(100, (n) => ({ Kind: 'base', ComputerName: 'pc1', WorkstationName: 'w', User: `u${n}` })),
      times(100, (n) => ({ Kind: 'base', ComputerName: 'pc1', WorkstationName: 'w', User: `u${n % 99}` })),
    ],
    [
      'temporal.yml',
      recon.map((name) => partOf(name)),
      run(['recon_cmd_c', 'recon_cmd_a', 'recon_cmd_b']),
      run(['recon_cmd_c', 'recon_cmd_a', 'recon_cmd_a']),
    ],
    ['temporal_ordered.yml', recon.map((name) => partOf(name)), run(recon), run([...recon].reverse())],
    [
      'value_avg.yml',
      [partOf('rule_a_id')],
      [400, 700].map((BytesOut) => ({ Kind: 'rule_a_id', SourceIP: '192.0.2.1', User: 'ana', BytesOut })),
      [400, 600].map((BytesOut) => ({ Kind: 'rule_a_id', SourceIP: '192.0.2.1', User: 'ana', BytesOut })),
    ],
    [
      'value_sum.yml',
      [partOf('website_access')],
      [600_000, 400_001].map((bytes_sent) => ({
        Kind: 'website_access',
        SourceIP: '192.0.2.1',
        User: 'ana',
        bytes_sent,
      })),
      [600_000, 400_000].map((bytes_sent) => ({
        Kind: 'website_access',
        SourceIP: '192.0.2.1',
        User: 'ana',
        bytes_sent,
      })),
    ],
    // The example looks at a text; the specification does not say what a percentile of texts is, so only numbers count.
    [
      'value_percentile.yml',
      [partOf('process_creation')],
      [1, 1].map((Image) => ({ Kind: 'process_creation', ComputerName: 'pc1', Image })),
      ['a.exe', 'b.exe'].map((Image) => ({ Kind: 'process_creation', ComputerName: 'pc1', Image })),
    ],
  ])('%s loads, alerts, and does not for a near miss', async (file, parts, hit, miss) => {
    expect(await alertsOf(`spec-examples/correlation/${file}`, parts, hit)).toBe(1);
    expect(await alertsOf(`spec-examples/correlation/${file}`, parts, miss)).toBe(0);
  });
});

describe.runIf(hasCorpus('sigma', 'hayabusa-correlation'))('correlation rules of Hayabusa', () => {
  const failed = (SubStatus: string, n: number, TargetUserName = `user${n}`): Fields => ({
    Channel: 'Security',
    EventID: 4625,
    SubStatus,
    IpAddress: '192.0.2.7',
    LogonType: 3,
    TargetDomainName: 'EXAMPLE',
    ProcessName: '-',
    LogonProcessName: 'NtLmSsp',
    WorkstationName: 'pc1',
    TargetUserName,
  });
  const explicit = (n: number): Fields => ({
    Channel: 'Security',
    EventID: 4648,
    IpAddress: '192.0.2.7',
    Computer: 'pc1',
    TargetUserName: `user${n}`,
  });
  const guessing = 'Sec_4625_Med_LogonFail_UserGuessing_Correlation.yml';
  const password = 'Sec_4625_Med_LogonFail_WrongPW_PW-Guessing_Correlation.yml';
  const spray = 'Sec_4648_Med_ExplicitLogon_PW-Spray_Correlation.yml';

  it.each<[string, Fields[], Fields[]]>([
    [guessing, times(4, (n) => failed('0xc0000064', n)), times(4, (n) => failed('0xc0000064', n % 3))],
    [password, times(5, (n) => failed('0xc000006a', n, 'ana')), times(5, (n) => failed('0xc000006a', n))],
    [spray, times(5, explicit), times(5, (n) => explicit(n % 4))],
  ])('%s alerts, and does not for a near miss nor over a longer time', async (file, hit, miss) => {
    expect(await alertsOf(`hayabusa-correlation/${file}`, [], hit)).toBe(1);
    expect(await alertsOf(`hayabusa-correlation/${file}`, [], miss)).toBe(0);
    expect(await alertsOf(`hayabusa-correlation/${file}`, [], hit, 2 * MINUTE_MS)).toBe(0);
  });
});
