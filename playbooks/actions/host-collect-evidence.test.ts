import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import type { Manifest } from '../manifest.ts';
import { hostCollectEvidence } from './host-collect-evidence.ts';

const { describe, ...host } = await need('host');

describe('host.collect-evidence', () => {
  const bed = () => ({ targets: { web1: host.component.settings } });
  beforeAll(async () => {
    const { run } = host.component;
    await run(['useradd', '--create-home', 'evi']);
    await run(['cp', '/usr/bin/sleep', '/home/evi/.cache-update']);
    const start = 'setsid runuser -u evi -- /home/evi/.cache-update 1000 >/dev/null 2>&1 &';
    await run([
      'sh',
      '-c',
      `${start} setsid sh -c 'exec -a curl-job sleep 1001 --password=Va1-planted' >/dev/null 2>&1 &`,
    ]);
    await run(
      ['tee', '/var/log/auth.log'],
      'Nov 28 web1 sshd[7]: Accepted publickey for evi from 203.0.113.9\n',
    );
  });
  afterAll(() =>
    host.component.run(['sh', '-c', 'pkill -KILL -u evi; userdel -r evi; rm /var/log/auth.log']),
  );

  it('takes processes, connections, programs with their hashes and logs, under a manifest that is true', async () => {
    const collect = verbs(hostCollectEvidence, bed());
    const { plan } = await collect.plan({
      system: 'web1',
      logs: ['/var/log/auth.log', '/var/log/no-such.log'],
    });
    expect(plan.changes).toEqual([]);
    expect(await collect.verify()).toMatchObject({ outcome: 'not-proven' });
    await collect.act();
    expect(collect.calls).toEqual([]);

    const text = (name: string) =>
      Buffer.from(collect.files.find((file) => file.name === name)?.content ?? '').toString();
    expect(text('processes.txt')).toMatch(/evi .*\/home\/evi\/\.cache-update 1000/);
    expect(text('connections.txt')).toMatch(/LISTEN.*:22 .*sshd/);
    expect(text('programs.txt')).toContain("-> '/home/evi/.cache-update'");
    expect(text('auth.log')).toContain('Accepted publickey for evi');
    const copied = (await host.component.run(['sha256sum', '/home/evi/.cache-update'])).split(' ')[0]!;
    expect(text('program-hashes.txt')).toContain(copied);

    const manifest = JSON.parse(text('manifest.json')) as Manifest;
    for (const { name, size, sha256 } of manifest.files) {
      expect(text(name)).toHaveLength(size);
      expect(createHash('sha256').update(text(name)).digest('hex')).toBe(sha256);
    }
    expect(manifest.missing.map(({ name }) => name)).toContain('no-such.log');
    expect(await collect.verify()).toMatchObject({
      outcome: 'proven',
      detail: expect.stringContaining('no-such.log'),
    });
    expect(JSON.stringify(collect.files.map(({ content }) => Buffer.from(content).toString()))).not.toContain(
      'planted',
    );
  });

  it('is not proven when a kept file is not what the manifest says', async () => {
    const collect = verbs(hostCollectEvidence, bed());
    await collect.plan({ system: 'web1' });
    await collect.act();
    Object.assign(collect.files.find(({ name }) => name === 'processes.txt')!, {
      content: Buffer.from('forged'),
    });
    expect(await collect.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringContaining('processes.txt'),
    });
  });

  it.each(['/etc/shadow', '/var/log/../../etc/shadow', '/var/log/a b'])('refuses the log %s', async (log) => {
    await expect(
      verbs(hostCollectEvidence, bed()).plan({ system: 'web1', logs: [log] }),
    ).rejects.toMatchObject({ exitCode: 2 });
  });
});
