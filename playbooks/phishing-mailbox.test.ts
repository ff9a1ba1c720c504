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
    graph.person('svc-vigia-phish@example.test');
    bench = await openFlowBench(openEmbedded, { ...bed.targets, ...graph.targets, mail: sink.settings });
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
      'Tell the service desk: desk@example.test: proven',
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

  it('is voided when another message than the approved one would go', async () => {
    const run = await bench.approved(FLOW, { ...input, victims: [], notify: [] });
    graph.mailbox.set('AAMk=1', 'again');
    expect((await bench.vigia.execute(run.id)).state).toBe('void');
    expect(graph.mailbox.size).toBe(1);
  });

  it('goes on when one mailbox and one mail fail, and says which', async () => {
    const [bo, cy] = [graph.person('phish-bo@example.test'), graph.person('phish-cy@example.test')];
    const run = await bench.approved(FLOW, {
      message: MESSAGE,
      mailboxes: ['phish-bo@example.test', 'phish-cy@example.test'],
      notify: ['gone@example.test', 'desk@example.test'],
    });
    const purge = `POST /users/${bo.id}/messages/${encodeURIComponent([...bo.mailbox.keys()][0]!)}/permanentDelete`;
    graph.answer(purge, () => [403, { error: { code: 'ErrorAccessDenied' } }]);
    const after = await bench.vigia.execute(run.id);
    expect(outcomesOf(after)).toEqual([
      'Purge the message: phish-bo@example.test: not-proven',
      'Purge the message: phish-cy@example.test: proven',
      'Tell the service desk: gone@example.test: unknown',
      'Tell the service desk: desk@example.test: proven',
    ]);
    expect(after.steps[0]?.detail).toMatch(/403.*asked again: the mailbox still holds 1 of it/);
    expect([bo.mailbox.size, cy.mailbox.size]).toEqual([1, 0]);
  });
});
