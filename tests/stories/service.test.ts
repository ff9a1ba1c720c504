/** The running service: what it receives, what it says, and how it stops. */
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeadLetter, Incident } from '../../core/documents.ts';
import type { Event } from '../../core/event.ts';
import { type Installation, install, run, sample } from './vigia.ts';

const open: Installation[] = [];
const here = (settings: object = {}): Installation => {
  const installation = install(settings);
  open.push(installation);
  return installation;
};
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const search = async (place: Installation, query: string) =>
  ((await place.json(['events', 'search', query])) as { events: Event[] }).events;
const messages = async (place: Installation, query: string) =>
  (await search(place, query)).map((event) => event.message).sort();
/** Waits until the service has done something; asks again and again, because doing is all it tells. */
const until = { timeout: 20_000, interval: 100 };

describe('syslog', () => {
  const sources = [
    { id: 'net', collector: 'linux-syslog', listen: { tcp: '127.0.0.1:0', udp: '127.0.0.1:0' } },
  ];
  const line = (text: string) => `<38>1 2026-11-21T10:00:00Z web1 sshd 7 - - ${text}`;
  const port = (log: string, kind: string) =>
    Number(new RegExp(`on ${kind} 127\\.0\\.0\\.1:(\\d+)`).exec(log)?.[1]);

  it('arrives over TCP in both framings and over UDP', async () => {
    const place = here({ sources });
    const service = await place.serve();
    const log = await service.logged(/on udp/).then(() => service.log());
    await new Promise<void>((sent) => {
      const counted = line('counted');
      connect(port(log, 'tcp'), '127.0.0.1').end(
        `${counted.length} ${counted}${line('second').length} ${line('second')}`,
        sent,
      );
    });
    await new Promise<void>((sent) => {
      connect(port(log, 'tcp'), '127.0.0.1').end(`${line('by line')}\n${line('last')}\n`, sent);
    });
    const socket = createSocket('udp4');
    await new Promise<void>((sent) => {
      socket.send(line('datagram'), port(log, 'udp'), '127.0.0.1', () => socket.close(sent));
    });
    await expect
      .poll(() => messages(place, 'host.name:web1'), until)
      .toEqual(['by line', 'counted', 'datagram', 'last', 'second']);
    expect(await service.stop()).toBe(0);
  });

  it('is delivered after a restart when it was received just before the end', async () => {
    const place = here({ sources });
    const service = await place.serve();
    const log = await service.logged(/on tcp/).then(() => service.log());
    await new Promise<void>((sent) => {
      connect(port(log, 'tcp'), '127.0.0.1').end(`${line('at the last moment')}\n`, sent);
    });
    // The spool is synced when the bytes are on disk.
    const spool = join(place.folder, 'state', 'spool', 'net');
    await expect.poll(() => statSync(join(spool, '000000000001.spool')).size, until).toBeGreaterThan(0);
    await service.stop();
    await place.serve();
    await expect.poll(() => messages(place, 'host.name:web1'), until).toEqual(['at the last moment']);
  });
});

describe('a second server on the same embedded store', () => {
  it('refuses with exit code 4, says who has it and what to do, and leaves the first alone', async () => {
    const place = here();
    await place.serve();
    const second = await place.vigia(['serve']);
    expect(second.code).toBe(4);
    expect(second.stderr).toMatch(/embedded store .* is in use by another Vigia process.*use its API/s);
    expect((await place.vigia(['health'])).code).toBe(0);
  });
});

describe('records that cannot become events', () => {
  it('are kept with reason and count, and the good ones between them are stored', async () => {
    const place = here();
    const good = readFileSync(sample('samba-ad', 'group.jsonl'), 'utf8').split('\n').slice(0, 2);
    const file = join(place.folder, 'mixed.jsonl');
    writeFileSync(
      file,
      Buffer.concat([
        Buffer.from(`${good[0]}\n{"broken": \n`),
        Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d, 0x0a]),
        Buffer.from(`{"type":"${'x'.repeat(10 * 1_024 * 1_024)}"}\n\u001b[2Jnot json\n${good[1]}\n`),
      ]),
    );
    const summary = await place.json(['ingest', 'samba-audit', file]);
    expect(summary).toMatchObject({ events: { read: 6, stored: 2 }, deadLetters: 4 });
    const listed = (await place.json(['dead-letters', 'list'])) as {
      total: number;
      counts: { count: number; reason: string }[];
      deadLetters: DeadLetter[];
    };
    expect(listed.total).toBe(4);
    expect(listed.counts.reduce((sum, { count }) => sum + count, 0)).toBe(4);
    const oversized = listed.deadLetters.find(({ size }) => size > 10_000_000)!;
    expect([oversized.stage, oversized.reason]).toEqual(['read', expect.stringMatching(/over the limit of/)]);
    expect(listed.deadLetters.map(({ reason }) => reason).join('\n')).toMatch(/UTF-8/);
    for (const { reason } of listed.deadLetters) expect(reason.length).toBeGreaterThan(10);

    const shown = await place.vigia(['dead-letters', 'list']);
    expect(shown.stdout).toContain('4 dead letters');
    expect(shown.stdout).not.toContain('\u001b');
    expect(shown.stdout).toContain('␛[2Jnot json');
    const health = await place.vigia(['health']);
    expect([health.code, health.stdout]).toEqual([0, expect.stringMatching(/ledger\s+balances/)]);
  });
});

describe('the service', () => {
  it('follows files, raises incidents, and leaves nothing half done when it is told to stop', async () => {
    const log = join(here().folder, 'none');
    const place = here({
      sources: [{ id: 'dc1', collector: 'samba-audit', host: 'dc1', files: [log, 'audit.jsonl', 'more'] }],
    });
    const folder = join(place.folder, 'more');
    mkdirSync(folder);
    const service = await place.serve();
    expect(statSync(join(place.folder, 'state', 'served.json')).mode & 0o777).toBe(0o600);
    writeFileSync(join(place.folder, 'audit.jsonl'), readFileSync(sample('samba-ad', 'group.jsonl')));
    const incidents = async () =>
      ((await place.json(['incidents', 'list'])) as { incidents: Incident[] }).incidents;
    await expect.poll(async () => (await incidents()).length, until).toBeGreaterThan(0);
    // A file that appears in a folder while the service runs.
    writeFileSync(join(folder, 'late.jsonl'), readFileSync(sample('samba-ad', 'password.jsonl')));
    await expect
      .poll(async () => (await search(place, 'event.dataset:samba.password')).length, until)
      .toBe(18);
    expect(await service.stop()).toBe(0);
    expect(existsSync(join(place.folder, 'state', 'served.json'))).toBe(false);
    const { code, stdout } = await place.vigia(['health', '--json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { difference: 0, store: { events: 54 } }]);
    const { tokens } = (await place.json(['tokens', 'list'])) as { tokens: { revoked?: string }[] };
    expect(tokens.every(({ revoked }) => revoked !== undefined)).toBe(true);
  });

  it('logs JSON lines that hold no token', async () => {
    const place = here();
    const service = await place.serve();
    const { token } = JSON.parse(readFileSync(join(place.folder, 'state', 'served.json'), 'utf8')) as {
      token: string;
    };
    await place.json(['incidents', 'list']);
    await place.json(['tokens', 'create', 'ana', '--role', 'viewer']);
    await service.stop();
    const lines = service.log().trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toContainEqual(
      expect.stringMatching(/^roles collect, detect, respond, api are up, API on http:/),
    );
    expect(service.log()).not.toContain(token.split('_').slice(2).join('_'));
    expect(service.log()).not.toContain('vigia_');
  });

  it('is alone with the embedded store, and says so', async () => {
    const place = here();
    await place.serve();
    const second = await place.vigia(['serve']);
    expect([second.code, second.stdout]).toEqual([4, '']);
    expect(second.stderr).toContain('in use by another Vigia process');
    const import_ = await place.vigia(['ingest', 'samba-audit', sample('samba-ad', 'group.jsonl')]);
    expect([import_.code, import_.stderr]).toEqual([4, expect.stringContaining('add them to "sources"')]);
  });

  it('is reached again after it was killed', async () => {
    const place = here();
    const service = await place.serve();
    await service.stop('SIGKILL');
    expect(existsSync(join(place.folder, 'state', 'served.json'))).toBe(true);
    expect((await place.vigia(['incidents', 'list'])).code).toBe(0);
    await place.serve();
    const { tokens } = (await place.json(['tokens', 'list'])) as { tokens: { revoked?: string }[] };
    expect(tokens.filter(({ revoked }) => revoked === undefined)).toHaveLength(1);
  });

  it.each([
    ['the API', (address: string) => ({ api: { port: Number(address.split(':')[1]) } })],
    [
      'a source',
      (address: string) => ({
        sources: [{ id: 'net', collector: 'linux-syslog', listen: { tcp: address } }],
      }),
    ],
  ])(
    'says that another program has the address of %s, before it says that it is ready',
    async (_, settings) => {
      const other = createServer().listen(0, '127.0.0.1');
      await new Promise((done) => other.once('listening', done));
      const { port } = other.address() as { port: number };
      const ended = await here(settings(`127.0.0.1:${port}`)).vigia(['serve']);
      other.close();
      expect([ended.code, ended.stdout]).toEqual([2, '']);
      expect(ended.stderr).toContain('another program listens there');
      expect(ended.stderr).not.toMatch(/\n\s+at .+:\d+:\d+/);
    },
  );

  it('serves commands of this machine over TLS by its very certificate', async () => {
    const place = here({ api: { port: 0, tls: { certFile: 'api.pem', keyFile: 'api.key' } } });
    const key = join(place.folder, 'api.key');
    const made = await run('openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', '/CN=vigia.example.test', '-keyout', key, '-out', join(place.folder, 'api.pem')],
    ]);
    expect(made.code).toBe(0);
    const service = await place.serve();
    expect(service.address).toMatch(/^https:/);
    expect(await place.json(['incidents', 'list'])).toEqual({ incidents: [], total: 0 });
    const stranger = await place.vigia(['--url', service.address, 'incidents', 'list']);
    expect([stranger.code, stranger.stderr]).toEqual([3, expect.stringContaining('certificate')]);
  });

  it('refuses a role it does not know', async () => {
    const ended = await here().vigia(['serve', '--roles', 'collect,detct']);
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('no role detct')]);
  });
});
