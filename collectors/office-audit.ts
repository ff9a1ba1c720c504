/**
 * Audit records of Microsoft 365 become ECS events: Entra ID, Exchange, SharePoint, Defender. From files of JSON lines, or
 * polled from the Management Activity API (`pull`). Source of the format: Microsoft's "Office 365 Management Activity API
 * schema", sections Common schema, Exchange Admin, Exchange Mailbox, Azure Active Directory, STS Logon, SharePoint, Defender
 * for Office 365; and "Office 365 Management Activity API reference". Samples follow these pages: not exercised against a
 * live server.
 *
 * | Microsoft writes | Event |
 * | --- | --- |
 * | `Workload` | `event.dataset` m365.entra, m365.exchange, m365.sharepoint, m365.security, else m365.audit |
 * | `Operation`, `ResultStatus` | `event.action`, `event.outcome` |
 * | `UserId`, `ClientIP` | `user`, `source` |
 * | `ModifiedProperties` | `vigia.changes`: `fields`, `new` and `old` as `Name=value` |
 * | everything else | `vigia.m365.<Microsoft's name>`; pairs as `Name=Value` |
 */
import type { Draft } from '../core/event.ts';
import { maskSecrets } from '../core/secrets.ts';
import { collector, type Normalised, reject } from './collector.ts';
import { draftOf, type Loose } from './ecs/draft.ts';
import { endpointOf } from './ecs/endpoint.ts';
import { type Json, jsonObject, objects, text, texts } from './ecs/json.ts';
import { changesOf, factsOf, pairValue } from './microsoft/facts.ts';
import { meaningOf } from './microsoft/operation.ts';
import { masked, maskedText } from './microsoft/secrets.ts';
import { utcTime } from './microsoft/time.ts';

const DATASETS: Readonly<Record<string, string>> = {
  AzureActiveDirectory: 'm365.entra',
  Exchange: 'm365.exchange',
  SharePoint: 'm365.sharepoint',
  OneDrive: 'm365.sharepoint',
  SecurityComplianceCenter: 'm365.security',
  ThreatIntelligence: 'm365.security',
};

/** Words of `ResultStatus`: cmdlets say True and False, the rest Succeeded and Failed. */
function outcomeOf(record: Json): 'success' | 'failure' | 'unknown' | undefined {
  const status = text(record, 'ResultStatus')?.toLowerCase();
  if (status === undefined) return undefined;
  if (/^(?:succeeded|success|true)$/.test(status)) return 'success';
  return /^(?:failed|failure|false)$/.test(status) ? 'failure' : 'unknown';
}

/** On whom: the target's sign-in name (type 5 of Microsoft's IdentityType), else whatever names a person. */
function targetOf(record: Json): string | undefined {
  const names = objects(record, 'Target').map((one) => [text(one, 'Type'), text(one, 'ID')] as const);
  const objectId = text(record, 'ObjectId');
  return (
    names.find(([type, id]) => type === '5' && id !== undefined)?.[1] ??
    text(record, 'MailboxOwnerUPN') ??
    text(record, 'TargetUserOrGroupName') ??
    (objectId !== undefined && /^[^/\s@]{1,128}@[^/\s@]{1,255}$/.test(objectId) ? objectId : undefined)
  );
}

const domainOf = (name: string | undefined): string | undefined => /@([^@\s]{1,255})$/.exec(name ?? '')?.[1];

function emailOf(record: Json): Loose<Draft['email']> {
  if (text(record, 'Workload') !== 'ThreatIntelligence') return undefined;
  return {
    subject: text(record, 'Subject'),
    message_id: text(record, 'InternetMessageId'),
    from: {
      address: [text(record, 'P2Sender') ?? text(record, 'P1Sender')].filter((one) => one !== undefined),
    },
    to: { address: [...texts(record, 'Recipients')] },
  };
}

function toEvent(record: Json, original: string, at: string): Draft {
  const operation = text(record, 'Operation')!;
  const workload = text(record, 'Workload') ?? '';
  const user = text(record, 'UserId');
  const target = targetOf(record);
  const source = endpointOf(
    text(record, 'ClientIP') ??
      text(record, 'ClientIPAddress') ??
      text(record, 'ActorIpAddress') ??
      text(record, 'SenderIp'),
  );
  const object = text(record, 'ObjectId');
  const meaning = meaningOf(workload, operation);
  const isAlert = text(record, 'RecordType') === '40';
  return draftOf({
    '@timestamp': at,
    event: {
      kind: isAlert ? 'alert' : 'event',
      module: 'm365',
      dataset: DATASETS[workload] ?? 'm365.audit',
      provider: workload || 'm365',
      ...meaning,
      action: operation.replace(/\.$/, ''),
      code: text(record, 'RecordType'),
      outcome: outcomeOf(record),
      reason: text(record, 'LogonError'),
      original,
    },
    message: [operation, object].filter(Boolean).join(' '),
    service: { type: 'm365' },
    organization: { id: text(record, 'OrganizationId') },
    user: {
      name: user,
      id: text(record, 'UserKey'),
      domain: domainOf(user),
      target: target === user ? undefined : { name: target, domain: domainOf(target) },
    },
    source,
    user_agent: {
      original:
        text(record, 'UserAgent') ??
        pairValue(record, 'ExtendedProperties', 'UserAgent') ??
        text(record, 'ClientInfoString'),
    },
    file: { name: text(record, 'SourceFileName'), extension: text(record, 'SourceFileExtension') },
    url: object !== undefined && /^https?:\/\//.test(object) ? { original: object } : undefined,
    email: emailOf(record),
    vigia: {
      logsource: { product: 'm365', category: 'application' },
      changes: changesOf(objects(record, 'ModifiedProperties')),
      m365: factsOf(record),
    },
  });
}

const utf8 = new TextDecoder('utf-8');

function normalise(raw: Uint8Array): Normalised {
  const record = jsonObject(raw);
  if (typeof record === 'string') return reject(record);
  if (text(record, 'Operation') === undefined || text(record, 'CreationTime') === undefined)
    return reject('no record of the Management Activity API: Operation and CreationTime are needed');
  const at = utcTime(text(record, 'CreationTime'));
  if (at === undefined) return reject('CreationTime is no time');
  const hidden = maskedText(record);
  const original = hidden === JSON.stringify(record) ? utf8.decode(raw) : hidden;
  // An object stays an object when texts in it are masked.
  return { event: toEvent(masked(record) as Json, original, at) };
}

export const officeAudit = collector({
  id: 'office-audit',
  title: 'Microsoft 365 audit',
  summary:
    'Audit records of Entra ID, Exchange, SharePoint, OneDrive and Defender for Office 365: polled from the Management Activity API, or ' +
    'files with one JSON record a line. Written after Microsoft’s published schema; not exercised against a live server.',
  guarantee:
    'Polled: every blob that the API lists is fetched once; a record that comes in two blobs is known by its Id and stored once when its ' +
    'content is the same. Blobs listed late are found for as long as the look-back reaches. Content expires after seven days at Microsoft: ' +
    'what was not fetched by then is a dead letter that names the blob. A record met again after a restart is stored once, but the ledger ' +
    'counts it as stored twice. Files: nothing lost, nothing doubled.',
  datasets: ['m365.entra', 'm365.exchange', 'm365.sharepoint', 'm365.security', 'm365.audit'],
  framing: { kind: 'lines' },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask(raw: Uint8Array): Uint8Array {
    const record = jsonObject(raw);
    return new TextEncoder().encode(
      typeof record === 'string' ? maskSecrets(utf8.decode(raw)) : maskedText(record),
    );
  },
});
