/**
 * Sign-ins, directory changes and risk detections of Entra ID become ECS events, from files of JSON lines. Source of the format:
 * Microsoft Graph REST reference, resource types signIn, directoryAudit and riskDetection; the envelope with `category` and
 * `properties` is that of Azure Monitor ("Sign-in log schema", "Audit log schema"). Samples follow these pages: not exercised
 * against a live server.
 *
 * | Microsoft writes | Event |
 * | --- | --- |
 * | signIn | dataset entra.signin: `event.outcome` from `status.errorCode` (0 is success), `event.code` is that number |
 * | directoryAudit | dataset entra.audit: `event.action` is `activityDisplayName`; `vigia.changes` |
 * | riskDetection | dataset entra.risk: `event.action` is `riskEventType` |
 */
import type { Draft } from '../core/event.ts';
import { maskSecrets } from '../core/secrets.ts';
import { collector, type Normalised, reject } from './collector.ts';
import { draftOf, type Loose } from './ecs/draft.ts';
import { endpointOf } from './ecs/endpoint.ts';
import { isObject, type Json, jsonObject, objects, text, texts } from './ecs/json.ts';
import { changesOf } from './microsoft/facts.ts';
import { meaningOf } from './microsoft/operation.ts';
import { masked, maskedText } from './microsoft/secrets.ts';
import { utcTime } from './microsoft/time.ts';

const domainOf = (name: string | undefined): string | undefined => /@([^@\s]{1,255})$/.exec(name ?? '')?.[1];
const person = (name: string | undefined, id: string | undefined) => ({ name, id, domain: domainOf(name) });

/** What every kind of record says of the place it came from. */
function placeOf(record: Json): Loose<Draft> {
  const source = endpointOf(text(record, 'ipAddress') ?? text(record, 'initiatedBy', 'user', 'ipAddress'));
  return {
    source: source && {
      ...source,
      geo: {
        city_name: text(record, 'location', 'city'),
        region_name: text(record, 'location', 'state'),
        country_iso_code: text(record, 'location', 'countryOrRegion'),
      },
    },
  };
}

function signIn(record: Json): Loose<Draft> {
  const error = text(record, 'status', 'errorCode');
  const name = text(record, 'userPrincipalName');
  const application = text(record, 'appDisplayName');
  return {
    event: {
      dataset: 'entra.signin',
      category: ['authentication'],
      type: ['start'],
      action: 'sign-in',
      outcome: error === undefined ? 'unknown' : error === '0' ? 'success' : 'failure',
      code: error,
      reason: error === '0' ? undefined : text(record, 'status', 'failureReason'),
    },
    message: `sign-in of ${name ?? 'unknown'} to ${application ?? 'unknown'}`,
    user: person(name, text(record, 'userId')),
    user_agent: { original: text(record, 'userAgent') },
    device: { id: text(record, 'deviceDetail', 'deviceId') },
    vigia: { logsource: { product: 'azure', category: 'application', service: 'signinlogs' } },
  };
}

function directoryAudit(record: Json): Loose<Draft> {
  const action = text(record, 'activityDisplayName')!;
  const targets = objects(record, 'targetResources');
  const target = targets.find((one) => text(one, 'userPrincipalName') !== undefined) ?? targets[0];
  const targetName = text(target, 'userPrincipalName') ?? text(target, 'displayName');
  const name = text(record, 'initiatedBy', 'user', 'userPrincipalName');
  const application = text(record, 'initiatedBy', 'app', 'displayName');
  const result = text(record, 'result')?.toLowerCase();
  return {
    event: {
      dataset: 'entra.audit',
      ...meaningOf('AzureActiveDirectory', action),
      action,
      outcome: result === 'success' || result === 'failure' ? result : 'unknown',
      reason: text(record, 'resultReason'),
    },
    message: `${action} ${targetName ?? ''}`.trim(),
    user: {
      ...person(name ?? application, text(record, 'initiatedBy', 'user', 'id')),
      target: person(targetName, text(target, 'id')),
    },
    vigia: {
      logsource: { product: 'azure', category: 'application', service: 'auditlogs' },
      changes: changesOf(targets.flatMap((one) => objects(one, 'modifiedProperties'))),
      entra: {
        initiated_by_app: application,
        targets: targets.map((one) => text(one, 'displayName') ?? text(one, 'userPrincipalName') ?? ''),
        target_types: targets.map((one) => text(one, 'type') ?? ''),
        additional: objects(record, 'additionalDetails').map(
          (one) => `${text(one, 'key') ?? ''}=${text(one, 'value') ?? ''}`,
        ),
      },
    },
  };
}

function riskDetection(record: Json): Loose<Draft> {
  const name = text(record, 'userPrincipalName');
  const action = text(record, 'riskEventType')!;
  return {
    event: { dataset: 'entra.risk', kind: 'alert', action, reason: text(record, 'riskDetail') },
    message: `${action} of ${name ?? 'unknown'}`,
    user: person(name, text(record, 'userId')),
    vigia: { logsource: { product: 'azure', category: 'application', service: 'riskdetection' } },
  };
}

/** How the record says what it is, and where its time lies. */
const KINDS = [
  { marks: 'activityDisplayName', time: 'activityDateTime', read: directoryAudit },
  { marks: 'riskEventType', time: 'activityDateTime', read: riskDetection },
  { marks: 'appDisplayName', time: 'createdDateTime', read: signIn },
  { marks: 'clientAppUsed', time: 'createdDateTime', read: signIn },
] as const;

/** Facts under Graph's own names; objects and lists of texts are kept, lists of objects are in `event.original`. */
function factsOf(record: Json): Record<string, unknown> {
  const plain = (value: unknown): boolean =>
    Array.isArray(value)
      ? value.every((one) => typeof one !== 'object')
      : typeof value !== 'object' || value === null;
  const kept = Object.entries(record).filter(([name]) => /^[A-Za-z]\w{0,63}$/.test(name));
  const facts = kept.flatMap(([name, value]): [string, unknown][] => {
    if (plain(value)) return [[name, value]];
    if (!['status', 'deviceDetail', 'location'].includes(name) || !isObject(value)) return [];
    return [[name, Object.fromEntries(Object.entries(value).filter(([, inner]) => plain(inner)))]];
  });
  const policies = objects(record, 'appliedConditionalAccessPolicies');
  const failed = policies.filter((one) => text(one, 'result') === 'failure');
  return {
    ...Object.fromEntries(facts),
    ...(failed.length === 0 ? {} : { failed_policies: failed.map((one) => text(one, 'displayName') ?? '') }),
    signInEventTypes: texts(record, 'signInEventTypes'),
  };
}

const utf8 = new TextDecoder('utf-8');

/** The record inside Azure Monitor's envelope, or the record itself. */
const unwrapped = (record: Json): Json =>
  isObject(record['properties']) && text(record, 'category') !== undefined ? record['properties'] : record;

function normalise(raw: Uint8Array): Normalised {
  const parsed = jsonObject(raw);
  if (typeof parsed === 'string') return reject(parsed);
  const hidden = maskedText(parsed);
  const original = hidden === JSON.stringify(parsed) ? utf8.decode(raw) : hidden;
  // An object stays an object when texts in it are masked.
  const record = unwrapped(masked(parsed) as Json);
  const kind = KINDS.find(({ marks }) => text(record, marks) !== undefined);
  if (kind === undefined)
    return reject('none of signIn, directoryAudit, riskDetection: see the page of this collector');
  const time =
    utcTime(text(record, kind.time)) ??
    utcTime(text(record, 'detectedDateTime')) ??
    utcTime(text(parsed, 'time'));
  if (time === undefined) return reject(`${kind.time} is no time`);
  const made = kind.read(record);
  return {
    event: draftOf({
      ...made,
      ...placeOf(record),
      '@timestamp': time,
      event: {
        kind: 'event',
        module: 'entra',
        provider: 'Entra ID',
        dataset: 'entra.audit',
        ...made.event,
        original,
      },
      service: { type: 'entra' },
      organization: { id: text(parsed, 'tenantId') },
      vigia: { ...made.vigia, entra: { ...factsOf(record), ...(made.vigia?.['entra'] ?? {}) } },
    }),
  };
}

export const entraLogs = collector({
  id: 'entra-logs',
  title: 'Entra ID logs',
  summary:
    'Sign-ins, directory changes and risk detections of Entra ID, one JSON record a line: as Microsoft Graph gives them, or in the ' +
    'envelope of Azure Monitor’s diagnostic settings. Written after Microsoft’s published schema; not exercised against a live server.',
  guarantee:
    'Files: nothing lost, nothing doubled. The same sign-in exported twice is two events. Non-interactive sign-ins are only there when they are exported.',
  datasets: ['entra.signin', 'entra.audit', 'entra.risk'],
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
