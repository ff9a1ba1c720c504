/** Bench `plan`: a playbook for a thousand different accounts of a real directory, planned cold, and how often it asked. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playbooks } from '../../playbooks/index.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import { containment } from '../proofs/containment.ts';
import { startPostgres } from '../testbed/postgres.ts';
import { startSamba } from '../testbed/samba.ts';
import { type Bench, repeat } from './measure.ts';

const ACCOUNTS = 1_000;
const root = join(import.meta.dirname, '../..');

export const plan: Bench = async (options) => {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-bench-plan-'));
  const [samba, postgres] = await Promise.all([startSamba(), startPostgres()]);
  const bed = await containment(samba, postgres, 'plan');
  try {
    options.say(`making ${ACCOUNTS} accounts …`);
    const accounts = Array.from({ length: ACCOUNTS }, (_, number) => `bench-${number}`);
    for (const name of accounts)
      await bed.ldap.add(`CN=${name},CN=Users,${bed.baseDn}`, {
        objectClass: ['user'],
        sAMAccountName: name,
        userAccountControl: '514',
      });
    return await repeat('plan', options, async (run) => {
      const store = await openEmbedded({ file: join(folder, `${run}.db`) });
      try {
        // A new one each time: nothing is known of the accounts, and no connection is open.
        const cold = playbooks({
          store,
          targets: bed.targets,
          flowsFolder: join(root, 'playbooks/flows'),
          policiesFolder: join(root, 'policies'),
        });
        const started = performance.now();
        const { steps, reads } = await cold.plan('ransomware-first-hour', { accounts });
        return {
          'planned ms': Math.round(performance.now() - started),
          steps: steps.length,
          'reads of the directory': reads,
        };
      } finally {
        await store.close();
      }
    });
  } finally {
    await bed.close();
    await Promise.all([samba.stop(), postgres.stop()]);
    rmSync(folder, { recursive: true });
  }
};
