import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RecordedServer, recordedServer } from '../../tests/proofs/recorded-server.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { itsmOpenTicket } from './itsm-open-ticket.ts';

const TABLE = '/api/now/table/incident';

describe('itsm.open-ticket against a record of the Table API', () => {
  let itsm: RecordedServer;
  beforeEach(async () => {
    process.env['VIGIA_TEST_ITSM'] = 'Va1-itsm-secret';
    itsm = await recordedServer({});
  });
  afterEach(async () => {
    delete process.env['VIGIA_TEST_ITSM'];
    expect(itsm.refused).toEqual([]);
    await itsm.close();
  });
  const bed = () => ({
    targets: {
      itsm: {
        kind: 'http' as const,
        url: itsm.url,
        auth: 'basic' as const,
        user: 'vigia',
        passwordEnv: 'VIGIA_TEST_ITSM',
      },
    },
  });
  /** As the API does: the query finds what was posted with that correlation id. */
  const record = (correlation: string) => {
    const tickets: { number: string; state: string }[] = [];
    const query = `${TABLE}?sysparm_query=correlation_id=${correlation}&sysparm_fields=number,state&sysparm_limit=2`;
    itsm.answer(`GET ${query}`, () => [200, { result: tickets }]);
    itsm.answer(`POST ${TABLE}`, ({ json }) => {
      if ((json as { correlation_id?: string }).correlation_id !== correlation) return undefined;
      tickets.push({ number: 'INC0010001', state: '1' });
      return [201, { result: tickets[0] }];
    });
  };
  const input = { title: 'Conta contida', text: 'Ver RUN-2026-000001', urgency: 1 };

  it('opens one ticket with the key by which it is found again', async () => {
    const open = verbs(itsmOpenTicket, bed());
    const { before } = await open.plan(input);
    record((before as { correlation: string }).correlation);
    expect(await open.verify()).toMatchObject({ outcome: 'not-proven' });
    expect(await open.act()).toEqual({ number: 'INC0010001' });
    expect(await open.verify()).toMatchObject({
      outcome: 'proven',
      detail: expect.stringContaining('INC0010001'),
    });
    const posted = itsm.calls.find(({ call }) => call.startsWith('POST'));
    expect(posted?.headers).toMatchObject({
      'idempotency-key': (before as { correlation: string }).correlation,
      authorization: `Basic ${Buffer.from('vigia:Va1-itsm-secret').toString('base64')}`,
    });
    expect(posted?.json).toMatchObject({ short_description: input.title, urgency: '1' });
  });

  it('opens no second one when the answer was lost, and is proven all the same', async () => {
    const open = verbs(itsmOpenTicket, bed());
    const { before } = await open.plan(input);
    record((before as { correlation: string }).correlation);
    open.loseNextAnswer();
    await expect(open.act()).rejects.toThrow(/answer was lost/);
    expect(await open.verify()).toMatchObject({ outcome: 'proven' });
    await open.act();
    expect(itsm.count(`POST ${TABLE}`)).toBe(1);
  });
});
