/** Builds one ECS event of all records of an audit event. */
import { isIP } from 'node:net';
import { posix } from 'node:path';
import type { Draft } from '../../core/event.ts';
import { isoOf } from '../../core/iso-time.ts';
import { type SocketAddress, socketAddress } from './address.ts';
import { argumentsOf, factsOf, type Path, pathsOf } from './facts.ts';
import type { AuditRecord } from './fields.ts';
import { kindOf } from './kind.ts';
import { isNobody, people, type Values } from './people.ts';
import { syscallName } from './syscalls.ts';

const outcomeOf = (values: Values) => {
  const result = values.get('success') ?? values.get('res') ?? values.get('result');
  if (result === undefined) return 'unknown';
  return /^(?:yes|1|success)$/.test(result) ? 'success' : 'failure';
};

function sigmaCategory(
  isExec: boolean,
  outcome: string,
  address: SocketAddress | undefined,
  paths: readonly Path[],
): string {
  if (isExec && outcome !== 'failure') return 'process_creation';
  if (address !== undefined && 'ip' in address) return 'network_connection';
  return paths.some(({ nametype }) => nametype === 'CREATE') && outcome !== 'failure'
    ? 'file_event'
    : 'audit';
}

const integer = (text: string | undefined) =>
  text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;

function processOf(
  values: Values,
  args: readonly string[],
  isExec: boolean,
  title: string | undefined,
): NonNullable<Draft['process']> {
  const exe = values.get('exe');
  const name = values.get('comm') ?? (exe === undefined ? undefined : posix.basename(exe));
  const pid = integer(values.get('pid'));
  const parent = integer(values.get('ppid'));
  const command = isExec ? args.join(' ') : values.get('cmd');
  const cwd = values.get('cwd');
  return {
    ...(name === undefined ? {} : { name }),
    ...(exe === undefined || exe === '?' ? {} : { executable: exe }),
    ...(pid === undefined ? {} : { pid }),
    ...(parent === undefined ? {} : { parent: { pid: parent } }),
    ...(command === undefined ? {} : { command_line: command }),
    ...(isExec ? { args: [...args], args_count: args.length } : {}),
    ...(title === undefined ? {} : { title }),
    ...(cwd === undefined ? {} : { working_directory: cwd }),
  };
}

/** Which file the event is about: one made or removed before one that was only there; the program of an execve is in `process`. */
const fileOf = (paths: readonly Path[]) =>
  paths.find(({ nametype }) => nametype === 'CREATE' || nametype === 'DELETE') ??
  paths.find(({ nametype }) => nametype !== 'PARENT') ??
  paths[0];

export function toEvent(
  records: readonly AuditRecord[],
  original: string,
  fallbackHost: string | undefined,
): Draft {
  const first = records[0]!;
  const values = new Map(
    records.toReversed().flatMap(({ type, fields }) =>
      fields
        .filter(({ key }) => !(type === 'PATH' && key !== 'name'))
        .map(({ key, value }): [string, string] => [key, value])
        .toReversed(),
    ),
  );
  const types = [...new Set(records.map(({ type }) => type))];
  const args = argumentsOf(records);
  const isExec = args.length > 0;
  const syscall = values.get('SYSCALL') ?? syscallName(values.get('arch'), values.get('syscall'));
  const kind = kindOf(types, syscall, isExec);
  const outcome = outcomeOf(values);
  const paths = pathsOf(records, values.get('cwd'));
  const facts = factsOf(records, args, syscall);
  for (const { name } of paths) facts.get('name')?.add(name);
  const address = socketAddress(values.get('saddr'));
  const file = isExec ? undefined : fileOf(paths);
  const { user, group } = people(
    types.find((type) => values.has('acct') || /USER|GROUP|GRP|ACCT/.test(type)) ?? first.type,
    values,
    args,
  );
  const title = facts.get('proctitle')?.values().next().value;
  const remote = values.get('addr');
  const ip = remote !== undefined && isIP(remote) > 0 ? remote : undefined;
  const host = first.node ?? fallbackHost;
  const to = address !== undefined && 'ip' in address ? address : undefined;
  const users = [user?.name, user?.effective?.name, user?.target?.name].filter(
    (one): one is string => one !== undefined,
  );
  const addresses = [ip, to?.ip].filter((one): one is string => one !== undefined);
  const isPartial =
    !types.includes('SYSCALL') && types.some((type) => /^(?:EXECVE|PATH|CWD|PROCTITLE|SOCKADDR)$/.test(type));
  return {
    '@timestamp': isoOf(Math.round(Number(first.time) * 1_000)),
    event: {
      kind: 'event',
      module: 'auditd',
      dataset: 'linux.audit',
      provider: 'auditd',
      ...kind,
      outcome,
      ...(isNobody(values.get('acct')) ? { reason: 'unknown account' } : {}),
      ...(Number.isSafeInteger(Number(first.serial)) ? { sequence: Number(first.serial) } : {}),
      original,
    },
    message: [kind.action, isExec ? args.join(' ') : (values.get('op') ?? file?.name ?? title), outcome]
      .filter(Boolean)
      .join(' '),
    ...(host === undefined ? {} : { host: { name: host, hostname: host } }),
    process: processOf(values, args, isExec, title),
    ...(user === undefined ? {} : { user }),
    ...(group === undefined ? {} : { group: { name: group } }),
    ...(ip === undefined ? {} : { source: { address: ip, ip } }),
    ...(to === undefined ? {} : { destination: { address: to.ip, ip: to.ip, port: to.port } }),
    ...(file === undefined ? {} : { file: { path: file.name } }),
    related: {
      ...(users.length > 0 ? { user: [...new Set(users)] } : {}),
      ...(addresses.length > 0 ? { ip: [...new Set(addresses)] } : {}),
      ...(host === undefined ? {} : { hosts: [host] }),
    },
    vigia: {
      logsource: {
        product: 'linux',
        category: sigmaCategory(isExec, outcome, address, paths),
        service: 'auditd',
      },
      auditd: {
        ...Object.fromEntries(
          [...facts].map(([key, list]) => [key, list.size === 1 ? [...list][0] : [...list]]),
        ),
        ...(address !== undefined && 'path' in address ? { socket: address.path } : {}),
        ...(isPartial ? { partial: true } : {}),
      },
    },
  };
}
