/** The audit log collector against laurel's reading of the recorded file, interleaved records, planted passwords and garbage. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpusPath, hasCorpus } from '../tests/corpus.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import type { NormaliseContext } from './collector.ts';
import { linuxAudit } from './linux-audit.ts';
import { lineCutter } from './reading/lines.ts';

const context: NormaliseContext = {
  source: 'app17',
  anchor: '2026-03-04T12:00:00Z',
  zoneMinutes: 0,
  host: 'app17',
};
const bytes = (text: string) => new TextEncoder().encode(text);
const hex = (text: string) => Buffer.from(text).toString('hex').toUpperCase();

function eventOf(raw: string | Uint8Array) {
  const result = linuxAudit.normalise(typeof raw === 'string' ? bytes(raw) : raw, context);
  if ('reject' in result) throw new Error(result.reject);
  return result.event;
}
function eventsOf(file: string | Uint8Array) {
  const cutter = lineCutter(0, 1_048_576, linuxAudit.framing);
  const records = [...cutter.push(typeof file === 'string' ? bytes(file) : file), ...cutter.end()];
  return records.map(({ raw }) => eventOf(raw));
}
const auditd = (event: { vigia?: Record<string, unknown> }) =>
  event.vigia?.['auditd'] as Record<string, string | string[]>;

const at = (serial: number) => `msg=audit(1772618400.123:${serial}):`;
const syscall = (serial: number, more = 'syscall=59 success=yes exit=0 a0=1 a1=2', tail = '') =>
  `type=SYSCALL ${at(serial)} arch=c000003e ${more} ppid=10 pid=11 auid=1001 uid=0 gid=0 euid=0 tty=pts0 ses=3 comm="sh" exe="/usr/bin/dash" key="exec"${tail}`;
const exec = (serial: number, ...args: string[]) =>
  [
    syscall(serial),
    `type=EXECVE ${at(serial)} argc=${args.length} ${args.map((arg, i) => `a${i}=${hex(arg)}`).join(' ')}`,
    `type=CWD ${at(serial)} cwd="/srv"`,
    `type=PATH ${at(serial)} item=0 name="/bin/sh" inode=1 nametype=NORMAL`,
    `type=PROCTITLE ${at(serial)} proctitle=${hex(args.join('\0'))}`,
  ].join('\n');

describe('linux-audit', () => {
  it('makes one event of the records of one program start', () => {
    const raw = exec(7, 'sh', '-c', 'id -u').replace(
      'key="exec"',
      'key="exec"\u001dARCH=x86_64 SYSCALL=execve AUID="rita" UID="root" EUID="root"',
    );
    expect(eventOf(raw)).toEqual({
      '@timestamp': '2026-03-04T10:00:00.123Z',
      event: {
        kind: 'event',
        module: 'auditd',
        dataset: 'linux.audit',
        provider: 'auditd',
        action: 'execve',
        category: ['process'],
        type: ['start'],
        outcome: 'success',
        sequence: 7,
        original: raw,
      },
      message: 'execve sh -c id -u success',
      host: { name: 'app17', hostname: 'app17' },
      process: {
        name: 'sh',
        executable: '/usr/bin/dash',
        pid: 11,
        parent: { pid: 10 },
        command_line: 'sh -c id -u',
        args: ['sh', '-c', 'id -u'],
        args_count: 3,
        title: 'sh -c id -u',
        working_directory: '/srv',
      },
      user: { name: 'rita', id: '1001', effective: { name: 'root', id: '0' } },
      related: { user: ['rita', 'root'], hosts: ['app17'] },
      vigia: {
        logsource: { product: 'linux', category: 'process_creation', service: 'auditd' },
        auditd: {
          ...{
            type: ['SYSCALL', 'EXECVE', 'CWD', 'PATH', 'PROCTITLE'],
            arch: 'c000003e',
            syscall: ['59', 'execve'],
          },
          ...{
            success: 'yes',
            exit: '0',
            a0: 'sh',
            a1: '-c',
            a2: 'id -u',
            ppid: '10',
            pid: '11',
            auid: '1001',
          },
          ...{
            uid: '0',
            gid: '0',
            euid: '0',
            tty: 'pts0',
            ses: '3',
            comm: 'sh',
            exe: '/usr/bin/dash',
            key: 'exec',
          },
          ...{
            ARCH: 'x86_64',
            SYSCALL: 'execve',
            AUID: 'rita',
            UID: 'root',
            EUID: 'root',
            argc: '3',
            cwd: '/srv',
          },
          ...{ item: '0', name: '/bin/sh', inode: '1', nametype: 'NORMAL', proctitle: 'sh -c id -u' },
        },
      },
    });
  });

  it('takes no argument of the system call for one of the program', () => {
    expect(auditd(eventOf(exec(1, 'id')))).toMatchObject({ a0: 'id' });
    expect(auditd(eventOf(exec(1, 'id')))).not.toHaveProperty('a1');
    expect(auditd(eventOf(syscall(1)))).toMatchObject({ a0: '1', a1: '2' });
  });

  it('joins the records of events that lie between one another, and of hosts that count alike', () => {
    const [one, two] = [exec(1, 'id').split('\n'), exec(2, 'ls').split('\n')];
    const other = exec(1, 'ps')
      .split('\n')
      .map((line) => `node=web2 ${line}`);
    const mixed = one.flatMap((line, i) => [line, two[i]!, other[i]!]);
    const events = eventsOf(`${mixed.join('\n')}\n`);
    expect(events.map((event) => [event.host?.name, event.process?.command_line])).toEqual([
      ['app17', 'id'],
      ['app17', 'ls'],
      ['web2', 'ps'],
    ]);
  });

  it('names the system call of a record that auditd did not enrich', () => {
    expect(auditd(eventOf(syscall(1, 'syscall=257 success=no')))['SYSCALL']).toBe('openat');
    const arm = syscall(1, 'syscall=56 success=no').replace('c000003e', 'c00000b7');
    expect(eventOf(arm).event).toMatchObject({ action: 'openat', category: ['file'], outcome: 'failure' });
    expect(eventOf(syscall(1, 'syscall=9999 success=yes')).event.action).toBe('syscall');
  });

  it('says that a record without its system call is a part', () => {
    expect(auditd(eventOf(`type=CWD ${at(4)} cwd="/srv"`))['partial']).toBe(true);
  });

  it('puts long arguments together and finds the file that was made', () => {
    const raw = [
      syscall(3, 'syscall=257 success=yes'),
      `type=CWD ${at(3)} cwd="/etc"`,
      `type=PATH ${at(3)} item=0 name="." inode=1 nametype=PARENT`,
      `type=PATH ${at(3)} item=1 name="cron.d/x" inode=2 nametype=CREATE`,
    ].join('\n');
    expect(eventOf(raw)).toMatchObject({
      file: { path: '/etc/cron.d/x' },
      vigia: { logsource: { category: 'file_event' } },
    });
    expect(auditd(eventOf(raw))['name']).toEqual(['.', 'cron.d/x', '/etc', '/etc/cron.d/x']);
    const long = `${syscall(5)}\ntype=EXECVE ${at(5)} argc=2 a0="x" a1_len=9 a1[0]="abc"\ntype=EXECVE ${at(5)} a1[1]="def"`;
    expect(eventOf(long).process?.args).toEqual(['x', 'abcdef']);
  });

  it.each([
    ['02000050C6336407', { destination: { ip: '198.51.100.7', port: 80 } }],
    ['0A0001BB00000000FD770000000000000000000000000066', { destination: { ip: 'fd77::66', port: 443 } }],
    ['0A0001BB0000000000000000000000000000FFFFC6336407', { destination: { ip: '198.51.100.7' } }],
    ['01002F6465762F6C6F6700', { vigia: { auditd: { socket: '/dev/log' } } }],
  ])('reads the socket address %s', (saddr, expected) => {
    expect(
      eventOf(`${syscall(6, 'syscall=42 success=yes')}\ntype=SOCKADDR ${at(6)} saddr=${saddr}`),
    ).toMatchObject(expected);
  });

  it.each([
    [
      'USER_LOGIN',
      `auid=4294967295 ses=4294967295 msg='op=login acct=${hex('(invalid user)')} exe="/usr/sbin/sshd" hostname=? addr=192.0.2.66 terminal=sshd res=failed'`,
      {
        event: { action: 'user-login', outcome: 'failure', reason: 'unknown account' },
        source: { ip: '192.0.2.66' },
      },
    ],
    [
      'USER_AUTH',
      `auid=4294967295 msg='op=PAM:authentication acct="root" exe="/usr/sbin/sshd" addr=192.0.2.66 res=failed'`,
      { user: { name: 'root' } },
    ],
    [
      'USER_START',
      `auid=1001 msg='op=PAM:session_open acct="root" exe="/usr/bin/sudo" addr=? res=success'\u001dUID="root" AUID="rita"`,
      { user: { name: 'rita', id: '1001', effective: { name: 'root' } } },
    ],
    [
      'ADD_USER',
      `auid=1001 msg='op=adding user to group acct="svc" exe="/usr/sbin/useradd" res=success'`,
      {
        user: { id: '1001', target: { name: 'svc' } },
        event: { category: ['iam'], type: ['user', 'creation'] },
      },
    ],
    [
      'ADD_GROUP',
      `auid=1001 msg='op=add-group acct="ops" exe="/usr/sbin/groupadd" res=success'`,
      { group: { name: 'ops' } },
    ],
    [
      'USER_CMD',
      `auid=1001 msg='cwd="/" cmd=${hex('id -u')} exe="/usr/bin/sudo" terminal=? res=success'`,
      { process: { command_line: 'id -u', working_directory: '/' } },
    ],
    [
      'CONFIG_CHANGE',
      'op=set audit_enabled=0 old=1 auid=1001 ses=3 res=1',
      { event: { category: ['configuration'], outcome: 'success' } },
    ],
  ])('understands %s', (type, rest, expected) => {
    expect(eventOf(`type=${type} ${at(8)} pid=5 uid=0 ${rest}`)).toMatchObject(expected);
  });

  it.each([
    ['sshpass', '-p', 'Pl4nted', 'ssh', 'db7'],
    ['bash', '-c', "echo 'Pl4nted' | sudo -S id"],
    ['mysql', '-uroot', '-pPl4nted'],
    ['curl', '-u', 'ana:Pl4nted', 'https://x.example'],
    ['psql', 'postgresql://ana:Pl4nted@db7/x'],
    ['useradd', '-p', 'Pl4nted', 'svc'],
  ])('hides the password of %s %s %s in every field, in hexadecimal too', (...args) => {
    const raw = exec(9, ...args);
    for (const event of [
      JSON.stringify(eventOf(raw)),
      new TextDecoder().decode(linuxAudit.mask(bytes(raw))),
    ]) {
      expect(event).not.toContain('Pl4nted');
      expect(event).not.toContain(hex('Pl4nted'));
    }
    expect(eventOf(raw).process?.args?.[0]).toBe(args[0]);
    const command = eventOf(`type=USER_CMD ${at(1)} pid=1 msg='cmd=${hex(args.join(' '))} res=success'`);
    expect(JSON.stringify(command)).not.toMatch(new RegExp(`Pl4nted|${hex('Pl4nted')}`));
  });

  it('hides what echo prints in a title that the kernel cut', () => {
    const title = `sh\0-c\0${': '.repeat(50)}echo Pl4nted | chpasswd`.slice(0, 128);
    expect(JSON.stringify(eventOf(`type=PROCTITLE ${at(1)} proctitle=${hex(title)}`))).not.toMatch(
      new RegExp(`Pl4nt|${hex('Pl4nt')}`),
    );
  });

  it.each(['x', 'type=SYSCALL msg=audit(now:1):', 'msg=audit(1.000:1):'])(
    'refuses %j and says why',
    (line) => {
      const result = linuxAudit.normalise(bytes(line), context);
      expect('reject' in result && result.reject).toContain('does not start with "type=');
    },
  );

  it('throws at nothing', () => {
    const pieces = [
      '"',
      "'",
      '{',
      '}',
      '=',
      ' ',
      "msg='",
      '\u001d',
      'a0=',
      'a99999=41',
      'saddr=02',
      'saddr=0A00',
      'cmd=4',
      'ses=-1',
      '\u0000',
    ];
    for (const first of pieces) {
      for (const second of pieces)
        for (const type of ['EXECVE', 'SYSCALL', 'PATH', 'USER_CMD', 'SOCKADDR', 'UNKNOWN[1400]'])
          expect(() =>
            linuxAudit.normalise(bytes(`type=${type} ${at(1)} ${first}${second} ${first}`), context),
          ).not.toThrow();
    }
    expect(() =>
      linuxAudit.normalise(bytes(`type=EXECVE ${at(1)} ${'a b '.repeat(100_000)}`), context),
    ).not.toThrow();
    expect(() =>
      linuxAudit.normalise(bytes(`type=EXECVE ${at(1)} ${'a1="'.repeat(50_000)}`), context),
    ).not.toThrow();
  });

  describe.skipIf(!hasCorpus('samples', 'linux') || !hasEcsReference())('on the recorded file', () => {
    const file = () => readFileSync(corpusPath('samples', 'linux', 'audit.log'));

    it('makes an ECS event of every audit event, without passwords', () => {
      const problemsOf = ecsProblems();
      const events = eventsOf(file());
      expect(events).toHaveLength(587);
      expect(events.flatMap(problemsOf)).toEqual([]);
      const all = JSON.stringify(events);
      for (const secret of ['Linux!1', 'Ev1l-Pass']) {
        expect(file().includes(hex(secret))).toBe(true);
        expect(all.includes(secret) || all.includes(hex(secret))).toBe(false);
      }
    });

    it('agrees with laurel on the first 400 records', () => {
      const lines = file().toString('utf8').split('\n').slice(0, 400);
      const byId = new Map(
        eventsOf(lines.join('\n')).map((event) => [
          `${event.host?.name} ${Date.parse(event['@timestamp']!)}:${event.event.sequence}`,
          event,
        ]),
      );
      const theirs = readFileSync(corpusPath('samples', 'linux', 'audit-laurel.jsonl'), 'utf8')
        .split('\n')
        .filter(Boolean);
      expect(theirs).toHaveLength(byId.size);
      let compared = 0;
      for (const line of theirs) {
        const one = JSON.parse(line) as Record<string, Record<string, unknown>> & {
          ID: string;
          NODE: string;
        };
        const [time, serial] = one.ID.split(':');
        const event = byId.get(`${one.NODE} ${Math.round(Number(time) * 1_000)}:${serial}`);
        if (event === undefined) throw new Error(`we have no event ${one.ID}`);
        const ours = auditd(event);
        const types = Object.keys(one).filter(
          (key) => /^[A-Z_]+$/.test(key) && !['ID', 'NODE'].includes(key),
        );
        expect([ours['type']].flat().sort()).toEqual(types.sort());
        for (const key of [
          'syscall',
          'SYSCALL',
          'success',
          'exit',
          'pid',
          'ppid',
          'auid',
          'AUID',
          'euid',
          'EUID',
          'comm',
          'exe',
          'key',
          'ses',
        ]) {
          const value = one['SYSCALL']?.[key];
          if (value === undefined || value === null) continue;
          expect([key, [ours[key]].flat()]).toEqual([key, expect.arrayContaining([String(value)])]);
          compared += 1;
        }
        if (one['EXECVE']) expect(event.process?.args).toEqual(one['EXECVE']['ARGV']);
        if (one['PROCTITLE'])
          expect(ours['proctitle']).toBe((one['PROCTITLE']['ARGV'] as string[]).join(' '));
        if (one['CWD']) expect(ours['cwd']).toBe(one['CWD']['cwd']);
        const paths = one['PATH'] as unknown as { name?: string }[] | undefined;
        for (const { name } of paths ?? []) if (name) expect([ours['name']].flat()).toContain(name);
      }
      expect(compared).toBeGreaterThan(700);
    });
  });
});
