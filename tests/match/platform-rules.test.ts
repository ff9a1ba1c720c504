/** Public rules for cloud, name servers and IIS on events that our collectors make of records after the vendors' documents. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Collector } from '../../collectors/collector.ts';
import { dnsServer } from '../../collectors/dns-server.ts';
import { entraLogs } from '../../collectors/entra-logs.ts';
import { iisAccess } from '../../collectors/iis-access.ts';
import { officeAudit } from '../../collectors/office-audit.ts';
import type { MatchLine } from '../../detections/index.ts';
import { eventOf } from '../collector-contract.ts';
import { corpusPath, hasCorpus } from '../corpus.ts';
import { runMatch } from './command.ts';

const office = (fields: object) =>
  JSON.stringify({ CreationTime: '2026-03-04T10:00:00', UserId: 'ana@example.test', ...fields });
const change = (fields: object) =>
  JSON.stringify({ activityDateTime: '2026-03-04T10:00:00Z', result: 'success', ...fields });
const signIn = (fields: object) =>
  JSON.stringify({
    createdDateTime: '2026-03-04T10:00:00Z',
    appDisplayName: 'Office',
    status: { errorCode: 0 },
    ...fields,
  });
const question = (name: string) =>
  `04-Mar-2026 10:00:00.123 client @0x1 192.0.2.10#5 (${name}): query: ${name} IN A + (192.0.2.53)`;

/** A record, and the public rule that must find it. */
const CASES: readonly [Collector, string, string][] = [
  [
    officeAudit,
    office({ Workload: 'AzureActiveDirectory', Operation: 'Disable Strong Authentication.' }),
    'Disabling Multi Factor Authentication',
  ],
  [
    officeAudit,
    office({ Workload: 'AzureActiveDirectory', Operation: 'Add unverified domain.' }),
    'New Federated Domain Added',
  ],
  [
    officeAudit,
    office({
      Workload: 'ThreatIntelligence',
      Operation: 'TIMailData',
      Directionality: 'Inbound',
      DeliveryAction: 'Delivered',
    }),
    'Suspicious Email Delivered In Microsoft 365',
  ],
  [
    officeAudit,
    office({
      ...{ Workload: 'SecurityComplianceCenter', Operation: 'AlertTriggered', RecordType: 40 },
      ...{ ResultStatus: 'Succeeded', Name: 'Activity performed by terminated user' },
    }),
    'Activity Performed by Terminated User',
  ],
  [entraLogs, change({ activityDisplayName: 'Add owner to application' }), 'Added Owner To Application'],
  [
    entraLogs,
    change({ activityDisplayName: 'Invite external user', result: 'failure' }),
    'Guest User Invited By Non Approved Inviters',
  ],
  [entraLogs, change({ riskEventType: 'unfamiliarFeatures' }), 'Unfamiliar Sign-In Properties'],
  [entraLogs, signIn({ status: { errorCode: 50053 } }), 'Account Lockout'],
  [
    entraLogs,
    signIn({ authenticationRequirement: 'singleFactorAuthentication' }),
    'Azure AD Only Single Factor Authentication Required',
  ],
  [dnsServer, question('api.telegram.org'), 'Telegram Bot API Request'],
  [dnsServer, question('aaa.stage.123456.example.test'), 'Cobalt Strike DNS Beaconing'],
  [
    iisAccess,
    '2026-03-04 10:00:01 192.0.2.80 GET /x f=../../../etc/passwd 443 - 198.51.100.7 - - 200 0 0 1',
    'Path Traversal Exploitation Attempts',
  ],
];

/** Folders of the rules that such events can meet, those without a product included. */
const rules = ['cloud', 'category', 'network', 'web'].map((name) =>
  corpusPath('sigma', 'rules', 'rules', name),
);

describe.runIf(hasCorpus('sigma'))('public rules for platforms', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-platforms-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('find what they describe in the events of our collectors', async () => {
    const file = join(folder, 'events.jsonl');
    writeFileSync(
      file,
      CASES.map(([collector, record]) => JSON.stringify(eventOf(collector, record))).join('\n'),
    );
    const { lines } = await runMatch([file], { rules });
    const found = lines.map((line) => JSON.parse(line) as MatchLine);
    const titles = CASES.map((_, index) =>
      found.filter(({ record }) => record === index + 1).map(({ title }) => title),
    );
    expect(titles).toEqual(CASES.map(([, , title]) => expect.arrayContaining([title])));
  });

  it('stay silent on ordinary records of the same sources', async () => {
    const file = join(folder, 'ordinary.jsonl');
    const ordinary = [
      eventOf(officeAudit, office({ Workload: 'SharePoint', Operation: 'FileAccessed' })),
      eventOf(entraLogs, change({ activityDisplayName: 'Update device' })),
      eventOf(dnsServer, question('www.example.test')),
      eventOf(iisAccess, '2026-03-04 10:00:01 192.0.2.80 GET / - 443 - 198.51.100.7 - - 200 0 0 1'),
    ];
    writeFileSync(file, ordinary.map((event) => JSON.stringify(event)).join('\n'));
    expect((await runMatch([file], { rules })).lines.filter(Boolean)).toEqual([]);
  });
});
