/**
 * What NetBackup tells of itself becomes ECS events: who changed what (`nbauditreport -fmt DETAIL`), and jobs (`bpdbjobs -report
 * -all_columns`), each written to a file by a scheduled command. The formats are cited in `netbackup/`. Samples follow these
 * documents: not exercised against a live server.
 *
 * | NetBackup writes | Event |
 * | --- | --- |
 * | a record of the audit report | dataset netbackup.audit: `event.action` audit-delete …, `vigia.netbackup.category`, `.details` |
 * | a line of a job | dataset netbackup.job: `event.action` job-backup …, `event.outcome` from the status (0 and 1 are success) |
 *
 * Run the audit report for times that do not overlap: a record printed twice is two events.
 */
import type { Draft } from '../core/event.ts';
import { isoOf } from '../core/iso-time.ts';
import { maskSecrets } from '../core/secrets.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { draftOf } from './ecs/draft.ts';
import { type AuditReport, auditReport, beginsAuditReport } from './netbackup/audit.ts';
import { type Job, job } from './netbackup/job.ts';

const utf8 = new TextDecoder('utf-8');

const TYPES: Readonly<Record<string, string>> = {
  CREATE: 'creation',
  DELETE: 'deletion',
  EXPIRE: 'deletion',
};
/** Categories of the report that are about people and their rights. */
const PEOPLE = new Set(['USER', 'TOKEN', 'CERT', 'AZFAILURE', 'ROLE', 'APIKEY']);

function auditEvent(record: AuditReport, original: string, context: NormaliseContext): Draft {
  const { time, category, action } = record;
  const isLogin = category === 'LOGIN';
  const type = TYPES[action.toUpperCase()] ?? 'change';
  const outcome = /fail|denied|refused/i.test(`${action} ${record.description}`) ? 'failure' : 'success';
  return draftOf({
    '@timestamp': time === undefined ? undefined : isoOf(time.ms),
    event: {
      kind: 'event',
      module: 'netbackup',
      dataset: 'netbackup.audit',
      provider: 'nbauditreport',
      category: [isLogin ? 'authentication' : PEOPLE.has(category) ? 'iam' : 'configuration'],
      type: [isLogin ? 'start' : type],
      action: `audit-${action.toLowerCase()}`,
      outcome,
      reason: record.reason,
      original,
    },
    message: record.description,
    service: { type: 'netbackup' },
    host: { name: context.host },
    user: { name: record.user, domain: record.domain },
    vigia: {
      logsource: { product: 'netbackup', category: 'application', service: 'audit' },
      ...(time !== undefined && time.assumed.length > 0 ? { clock: time.assumed } : {}),
      netbackup: { category, operation: action, details: record.details },
    },
  });
}

/** Status 1 says that some files were skipped ("partially successful"). */
const succeeded = (status: number): boolean => status === 0 || status === 1;

function jobEvent(found: Job, original: string): Draft {
  const { status, startedMs, endedMs } = found;
  const atMs = endedMs || startedMs;
  return draftOf({
    '@timestamp': atMs === undefined ? undefined : isoOf(atMs),
    event: {
      kind: 'event',
      module: 'netbackup',
      dataset: 'netbackup.job',
      provider: 'bpdbjobs',
      category: ['process'],
      type: [found.state === 'done' ? 'end' : 'info'],
      action: `job-${found.type}`,
      outcome:
        found.state !== 'done' || status === undefined
          ? 'unknown'
          : succeeded(status)
            ? 'success'
            : 'failure',
      code: status === undefined ? undefined : String(status),
      duration: startedMs && endedMs && endedMs >= startedMs ? (endedMs - startedMs) * 1_000_000 : undefined,
      original,
    },
    message: `${found.type} job ${found.id} of ${found.client ?? 'no client'}: ${found.state}${status === undefined ? '' : `, status ${status}`}`,
    service: { type: 'netbackup' },
    host: { name: found.client },
    user: { name: found.owner },
    vigia: {
      logsource: { product: 'netbackup', category: 'application', service: 'jobs' },
      netbackup: {
        job_id: found.id,
        job_type: found.type,
        state: found.state,
        policy: found.policy,
        schedule: found.schedule,
        server: found.server,
        storage_unit: found.storageUnit,
        kilobytes: found.kilobytes,
      },
    },
  });
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const record = maskSecrets(utf8.decode(raw));
  if (beginsAuditReport(record)) {
    const report = auditReport(record, context);
    return typeof report === 'string' ? reject(report) : { event: auditEvent(report, record, context) };
  }
  const found = job(record);
  return found === undefined
    ? reject('neither a record of nbauditreport -fmt DETAIL nor a line of bpdbjobs -report -all_columns')
    : { event: jobEvent(found, record) };
}

const text = (line: Uint8Array) => utf8.decode(line);
const isJob = (line: string): boolean => /^\d{1,12},\d{1,3},\d,/.test(line);

export const netbackup = collector({
  id: 'netbackup',
  title: 'NetBackup audit and jobs',
  summary:
    'Files that hold the output of nbauditreport -fmt DETAIL or of bpdbjobs -report -all_columns. Written after the Commands Reference ' +
    'Guide; not exercised against a live server. The wording of an audit record is NetBackup’s: rules look at its category and action.',
  guarantee:
    'Files: nothing lost, nothing doubled. A record of the audit report waits for the next one, or a second of silence. A report printed ' +
    'twice is read twice; a job that is listed while it runs and again when it ends is two events.',
  datasets: ['netbackup.audit', 'netbackup.job'],
  framing: {
    kind: 'lines',
    continues: (line: Uint8Array) => !beginsAuditReport(text(line)) && !isJob(text(line)),
    stands: (line: Uint8Array) => isJob(text(line)),
  },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskSecrets(utf8.decode(raw))),
});
