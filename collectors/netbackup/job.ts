/**
 * One line of `bpdbjobs -report -all_columns`. Source of the format: NetBackup Commands Reference Guide, bpdbjobs (order of the
 * columns, numbers of job types and states). Commas inside a value are written `\,`. Only the first twenty columns are read.
 */

export interface Job {
  id: string;
  type: string;
  state: string;
  /** Exit status; missing while the job runs. */
  status?: number;
  policy?: string;
  schedule?: string;
  client?: string;
  server?: string;
  startedMs?: number;
  endedMs?: number;
  storageUnit?: string;
  kilobytes?: number;
  owner?: string;
}

const TYPES: Readonly<Record<string, string>> = {
  ...{
    0: 'backup',
    1: 'archive',
    2: 'restore',
    3: 'verify',
    4: 'duplicate',
    5: 'import',
    6: 'catalog-backup',
  },
  ...{
    7: 'vault',
    8: 'label',
    9: 'erase',
    10: 'tape-request',
    11: 'tape-clean',
    12: 'format-tape',
    13: 'inventory',
  },
  ...{
    15: 'recovery',
    17: 'image-cleanup',
    20: 'replication',
    21: 'replica-import',
    22: 'backup-from-snapshot',
  },
};
const STATES = ['queued', 'active', 'requeued', 'done', 'suspended', 'incomplete'] as const;

export function job(line: string): Job | undefined {
  const columns = line.split(/(?<!\\),/).map((column) => column.replaceAll('\\,', ','));
  const [id, type, state, status, policy, schedule, client, server, started, , ended, unit, , , kilobytes] =
    columns;
  if (columns.length < 15 || !/^\d{1,12}$/.test(id!) || !/^\d{1,3}$/.test(type!) || !/^\d$/.test(state!))
    return undefined;
  const ms = (text: string | undefined) => (/^\d{9,11}$/.test(text ?? '') ? Number(text) * 1_000 : undefined);
  const whole = (text: string | undefined) => (/^\d{1,15}$/.test(text ?? '') ? Number(text) : undefined);
  const values = {
    status: whole(status),
    policy,
    schedule,
    client,
    server,
    startedMs: ms(started),
    endedMs: ms(ended),
    storageUnit: unit,
    kilobytes: whole(kilobytes),
    owner: columns[19],
  };
  const known = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return {
    id: id!,
    type: Object.hasOwn(TYPES, type!) ? TYPES[type!]! : `type-${type}`,
    state: STATES[Number(state)] ?? `state-${state}`,
    ...Object.fromEntries(known),
  };
}
