import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEmbedded } from '../store/embedded/open.ts';
import { type Containment, containment } from '../tests/proofs/containment.ts';
import { type GraphRecord, graphRecord, MESSAGE } from '../tests/proofs/graph-record.ts';
import { type MailSink, mailSink } from '../tests/proofs/mail-sink.ts';
import { need } from '../tests/testbed/need.ts';
import { type FlowBench, openFlowBench, outcomesOf } from './testbench/flow-bench.ts';

const samba = await need('samba');
const postgres = await need('postgres');
const FLOW = 'phishing-mailbox';
const HOURS = 3_600_000;
const VICTIM = 'phish-ada@example.test';

samba.describe('phishing-mailbox on a real directory, a real mail server and a record of Graph', () => {
  let bed: Containment;
  let graph: GraphRecord;
  let sink: MailSink;
  let bench: FlowBench;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'phish');
    graph = await graphRecord(VICTIM);
    sink = await mailSink();
    bench = await openFlowBench(openEmbedded, {
      ...bed.targets,
      ...graph.targets,
      mail: sink.settings,
    } as never);
  });
  afterAll(async () => {
    await bench?.close();
    await sink?.close();
    expect(graph.refused).toEqual([]);
    await graph?.close();
    await bed?.close();
  });
  const input = { message: MESSAGE, mailboxes: [VICTIM], victims: [VICTIM], notify: ['desk@example.test'] };

  it('changes nothing when the approval is too old, and nothing for a protected account', async () => {
    await bed.person('phish-ada');
    const run = await bench.approved(FLOW, input);
    bench.wait(9 * HOURS);
    expect((await bench.vigia.execute(run.id)).state).toBe('expired');
    expect([graph.mailbox.size, sink.mails.length]).toEqual([1, 0]);
    const planned = bench.vigia.plan(FLOW, { ...input, victims: ['svc-vigia-phish@example.test'] });
    await expect(planned).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('(vigia-own-accounts)'),
    });
  });

  it('purges, resets, revokes and tells, each seen at its target; what cannot be undone says so', async () => {
    const ada = {
      name: 'phish-ada',
      dn: `CN=phish-ada,CN=Users,${bed.baseDn}`,
      password: 'Va1-phish-ada-secret',
    };
    const run = await bench.run(FLOW, input);
    expect(outcomesOf(run)).toEqual([
      `Purge the message: ${VICTIM}: proven`,
      `Give a new password: ${VICTIM}: proven`,
      `Revoke the sessions: ${VICTIM}: proven`,
      'Tell the service desk: proven',
      `Look at rules and forwarding of the mailbox: ${VICTIM}: open`,
    ]);
    expect(graph.mailbox.size).toBe(0);
    expect(graph.user.signInSessionsValidFromDateTime).toBe('2026-11-28T09:00:00Z');
    expect(sink.mails.map(({ to }) => to)).toEqual([['desk@example.test']]);
    await expect(bed.logon(ada)).rejects.toThrow(/52e/);
    const password = readFileSync(join(bed.handover, readdirSync(bed.handover)[0]!), 'utf8').trimEnd();
    await (await bed.logon({ ...ada, password })).unbind();

    const person = { by: 'nuno', roles: ['responder'] } as const;
    const evidence = { name: 'rules.txt', content: Buffer.from('none') };
    const done = await bench.vigia.answer(run.id, 4, person, { done: true, text: 'no rule found', evidence });
    expect(done.state).toBe('done');
    const undone = await bench.undo(done);
    expect(undone.steps[1]?.detail).toMatch(/not undone: the old password is known to others/);
    const kept = await bench.kept();
    for (const secret of [password, ada.password, sink.password, 'Va1-graph-secret', ...bed.secrets])
      expect(kept).not.toContain(secret);
    expect(sink.mails[0]?.text).not.toContain(password);
  });

  it('goes on with the others when Graph does not answer, and says what failed', async () => {
    const run = await bench.approved(FLOW, {
      ...input,
      victims: [],
      notify: ['desk@example.test', 'gone@example.test'],
    });
    const [purge] = run.steps;
    graph.mailbox.set('AAMk=1', 'again');
    const after = await bench.vigia.execute(run.id);
    // Another message than the approved one would go: the run must be planned again.
    expect([after.state, purge?.outcome]).toEqual(['void', undefined]);
    const next = await bench.run(FLOW, {
      ...input,
      victims: [],
      notify: ['desk@example.test', 'gone@example.test'],
    });
    expect(next.steps.map(({ outcome }) => outcome)).toEqual(['proven', 'unknown']);
    expect(next.steps[1]?.detail).toMatch(/only 1 recipients were accepted/);
  });
});
