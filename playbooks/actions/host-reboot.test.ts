import { afterAll, beforeAll, expect, it } from 'vitest';
import { verbs } from '../../tests/proofs/verbs.ts';
import { type LinuxHost, startHost } from '../../tests/testbed/host.ts';
import { need } from '../../tests/testbed/need.ts';
import { hostReboot } from './host-reboot.ts';

const bed = await need('host');

// A host of the test bed has no init that could restart it: its shutdown writes down how it was called, and another
// host of the same image is what comes up.
bed.describe('host.reboot', () => {
  let again: LinuxHost;
  beforeAll(async () => {
    again = await startHost();
    await bed.component.run(['tee', '/usr/sbin/shutdown'], '#!/bin/sh\necho "$@" >> /run/shutdown-asked\n');
    await bed.component.run(['chmod', '755', '/usr/sbin/shutdown']);
  });
  afterAll(() => again?.stop());
  const asked = () =>
    bed.component.run(['sh', '-c', 'cat /run/shutdown-asked 2>/dev/null; rm -f /run/shutdown-asked']);

  it('asks once, is not proven while the host runs on, and is proven by its new start', async () => {
    const targets = { ssh: bed.component.settings };
    const reboot = verbs(hostReboot, { targets });
    const { plan } = await reboot.plan({});
    expect(plan.bounds).toEqual({ hosts: 1, sessions: 5 });
    reboot.loseNextAnswer();
    await expect(reboot.act()).rejects.toThrow(/answer was lost/);
    expect(await asked()).toBe('-r +1 Vigia restarts this host in a minute\n');
    expect(await reboot.verify()).toMatchObject({ outcome: 'not-proven' });
    targets.ssh = again.settings;
    expect(await reboot.verify()).toMatchObject({ outcome: 'proven' });
    expect(await reboot.act()).toEqual({ asked: false });
    expect(await asked()).toBe('');
  });

  it('says who would be thrown out, and why a restart is due', async () => {
    await bed.component.run(['tee', '/run/reboot-required.pkgs'], 'libc6\n');
    const { plan } = await verbs(hostReboot, { targets: { ssh: bed.component.settings } }).plan({});
    await bed.component.run(['rm', '/run/reboot-required.pkgs']);
    expect(plan.changes).toContain('the host says: libc6');
    expect(plan.observed).toMatchObject({ sessions: 0, needed: true });
  });
});
