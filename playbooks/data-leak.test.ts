import { afterAll, beforeAll, expect, it } from 'vitest';
import { equals } from '../core/conditions/tree.ts';
import { openEmbedded } from '../store/embedded/open.ts';
import { type Containment, containment } from '../tests/proofs/containment.ts';
import { type MailSink, mailSink } from '../tests/proofs/mail-sink.ts';
import { incidentRef, plantIncident } from '../tests/proofs/planted-incident.ts';
import { type LinuxHost, startHost } from '../tests/testbed/host.ts';
import { need, needInstalled } from '../tests/testbed/need.ts';
import { type FlowBench, openFlowBench, outcomesOf } from './testbench/flow-bench.ts';

const samba = await need('samba');
const postgres = await need('postgres');
const { describe } = await needInstalled('host');
const FLOW = 'data-leak';
const HOURS = 3_600_000;
const incident = incidentRef('leak-1');

describe('data-leak on a real host, directory, database and mail server', () => {
  let bed: Containment;
  let host: LinuxHost;
  let sink: MailSink;
  let bench: FlowBench;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'leak');
    host = await startHost();
    sink = await mailSink();
    bench = await openFlowBench(openEmbedded, {
      ...bed.targets,
      web1: { ...host.settings, timeoutMs: 60_000 },
      mail: sink.settings,
    });
    await plantIncident(bench.store, incident);
  });
  afterAll(async () => {
    await bench?.close();
    await sink?.close();
    await host?.stop();
    await bed?.close();
  });
  const input = (name: string) => ({
    host: 'web1',
    addresses: ['203.0.113.80'],
    account: name,
    role: name,
    notify: ['dpo@example.test'],
  });
  const controlOf = async (dn: string) =>
    (await bed.ldap.search(dn, { scope: 'base', attributes: ['userAccountControl'] })).searchEntries[0]?.[
      'userAccountControl'
    ];

  it('keeps evidence first, shuts the way out and who used it, tells the officer, and undo opens again', async () => {
    const ada = await bed.person('leak-ada');
    const session = await bed.session(ada);
    const run = await bench.run(FLOW, input('leak-ada'), incident);
    expect(outcomesOf(run)).toEqual([
      'Keep the events of the incident: proven',
      'Collect evidence from the host: proven',
      'Block the way out: 203.0.113.80: proven',
      'Disable the account: proven',
      'Lock the role: proven',
      'End its sessions: proven',
      'Tell the data protection officer: dpo@example.test: proven',
      'Say which data it was: open',
    ]);
    await session.ended;
    await expect(bed.logon(ada)).rejects.toThrow(/533/);
    await expect(bed.session(ada)).rejects.toMatchObject({ code: '28P01' });
    expect(await host.run(['nft', 'list', 'set inet vigia_block blocked4'])).toContain('203.0.113.80');
    expect(sink.mails.map(({ to }) => to)).toEqual([['dpo@example.test']]);
    const { found } = await bench.store.documents.find('evidence', {
      where: equals('run', run.id),
      size: 100,
    });
    const names = found.map(({ body }) => `${body.step} ${body.name}`);
    expect(names).toEqual(
      expect.arrayContaining([
        '0 alert-alert-of-leak-1.jsonl',
        '0 manifest.json',
        '1 processes.txt',
        '1 manifest.json',
      ]),
    );

    expect((await bench.undo(run)).steps.slice(2, 5).map(({ outcome }) => outcome)).toEqual([
      'undone',
      'undone',
      'undone',
    ]);
    await (await bed.logon(ada)).unbind();
    await (await bed.session(ada)).client.end();
    expect(await host.run(['nft', 'list', 'set inet vigia_block blocked4'])).not.toContain('203.0.113.80');
    const kept = await bench.kept();
    for (const secret of [...bed.secrets, sink.password, ada.password]) expect(kept).not.toContain(secret);
  });

  it('shuts the rest when the host is gone, and says what it could not do', async () => {
    const bo = await bed.person('leak-bo');
    const run = await bench.approved(FLOW, { ...input('leak-bo'), notify: [] }, incident);
    await host.stop();
    const after = await bench.vigia.execute(run.id);
    expect(outcomesOf(after).slice(1, 4)).toEqual([
      'Collect evidence from the host: failed',
      'Block the way out: 203.0.113.80: failed',
      'Disable the account: proven',
    ]);
    await expect(bed.logon(bo)).rejects.toThrow(/533/);
  });

  it('changes nothing when the approval is too old, and nothing for a protected account', async () => {
    const cy = await bed.person('leak-cy');
    const run = await bench.approved(FLOW, { account: 'leak-cy' }, incident);
    bench.wait(9 * HOURS);
    expect((await bench.vigia.execute(run.id)).state).toBe('expired');
    expect(await controlOf(cy.dn)).toBe('512');
    await expect(bench.vigia.plan(FLOW, { account: 'krbtgt' })).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('(krbtgt)'),
    });
  });
});
