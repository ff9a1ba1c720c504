import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Containment, containment } from '../../tests/proofs/containment.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { postgresqlRotateSecret } from './postgresql-rotate-secret.ts';

const samba = await need('samba');
const postgres = await need('postgres');

postgres.describe('postgresql.rotate-secret', () => {
  let bed: Containment;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'rotate');
  });
  afterAll(() => bed?.close());

  it('makes the old secret useless, and neither the server nor its log ever has the new one', async () => {
    const ada = await bed.person('rotate-ada');
    const rotate = verbs(postgresqlRotateSecret, bed);
    await rotate.plan({ role: ada.name });
    expect(await rotate.verify()).toMatchObject({ outcome: 'not-proven' });
    const receipt = await rotate.act();
    expect(await rotate.verify()).toMatchObject({ outcome: 'proven' });
    const [file] = readdirSync(bed.handover);
    const secret = readFileSync(join(bed.handover, file!), 'utf8').trimEnd();
    await expect(bed.session(ada)).rejects.toMatchObject({ code: '28P01' });
    await (await bed.session({ ...ada, password: secret })).client.end();
    expect(JSON.stringify([receipt, await rotate.verify()])).not.toContain(secret);
    // The log is written a moment after the answer: first what was certainly said before it.
    const log = () => readFileSync(postgres.component.logFile, 'utf8');
    await expect.poll(log).toContain('rotate-ada');
    expect(log()).not.toContain(secret);
  });

  it('is refused where a new secret could not be left', async () => {
    await bed.person('rotate-bo');
    const { handover: _, ...postgresql } = bed.targets.postgresql;
    const nowhere = verbs(postgresqlRotateSecret, { targets: { postgresql } });
    await expect(nowhere.plan({ role: 'rotate-bo' })).rejects.toMatchObject({
      exitCode: 4,
      hint: expect.stringContaining('handover'),
    });
  });
});
