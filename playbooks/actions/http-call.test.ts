import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RecordedServer, recordedServer } from '../../tests/proofs/recorded-server.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { httpCall } from './http-call.ts';

const SERVER = '/axapi/v3/slb/server/web1';
/** Takes a server behind a load balancer of A10 out of service, as aXAPI v3 documents it. */
const input = {
  system: 'load-balancer',
  subject: 'web1',
  change: {
    method: 'PUT',
    path: SERVER,
    body: { server: { name: 'web1', host: '192.0.2.10', action: 'disable' } },
  },
  check: { path: SERVER, contains: '"action":"disable"' },
  undo: {
    method: 'PUT',
    path: SERVER,
    body: { server: { name: 'web1', host: '192.0.2.10', action: 'enable' } },
  },
};

describe('http.call against a record of aXAPI v3', () => {
  let a10: RecordedServer;
  let state: unknown;
  let open: number;
  beforeEach(async () => {
    process.env['VIGIA_TEST_A10'] = 'Va1-a10-secret';
    state = { server: { name: 'web1', host: '192.0.2.10', action: 'enable' } };
    open = 0;
    const signed =
      (answer: () => readonly [number, unknown]) =>
      ({ headers }: { headers: object }) =>
        (headers as Record<string, unknown>)['authorization'] === 'A10 sig1' ? answer() : undefined;
    a10 = await recordedServer({
      'POST /axapi/v3/auth': ({ json }) => {
        const { credentials } = json as { credentials: { username: string; password: string } };
        if (credentials.username !== 'vigia' || credentials.password !== 'Va1-a10-secret') return [403, {}];
        open += 1;
        return [200, { authresponse: { signature: 'sig1', description: 'the signature' } }];
      },
      'POST /axapi/v3/logoff': signed(() => {
        open -= 1;
        return [200, { response: { status: 'OK' } }];
      }),
      [`GET ${SERVER}`]: signed(() => [200, state]),
      [`PUT ${SERVER}`]: ({ json }) => {
        state = json;
        return [200, json];
      },
    });
  });
  afterEach(async () => {
    delete process.env['VIGIA_TEST_A10'];
    expect(a10.refused).toEqual([]);
    await a10.close();
  });
  const bed = () => ({
    targets: {
      'load-balancer': {
        kind: 'http' as const,
        url: a10.url,
        auth: 'a10' as const,
        user: 'vigia',
        passwordEnv: 'VIGIA_TEST_A10',
      },
    },
  });

  it('changes, proves and takes back, and leaves no session open', async () => {
    const call = verbs(httpCall, bed());
    await call.plan(input);
    expect(await call.verify()).toMatchObject({ outcome: 'not-proven' });
    await call.act();
    expect(await call.verify()).toMatchObject({ outcome: 'proven' });
    expect(state).toEqual(input.change.body);
    expect(await call.undo()).toMatchObject({ outcome: 'proven' });
    expect(state).toEqual(input.undo.body);
    expect(open).toBe(0);
  });

  it('sends nothing when it is so already, and undo of that takes nothing back', async () => {
    state = input.change.body;
    const call = verbs(httpCall, bed());
    expect((await call.plan(input)).plan.changes).toEqual([]);
    await call.act();
    expect(await call.undo()).toMatchObject({ outcome: 'proven' });
    expect(call.calls).toEqual([]);
  });

  it('says that a person must take it back where the flow gives no call for it', async () => {
    const { undo: _, ...without } = input;
    const call = verbs(httpCall, bed());
    await call.plan(without);
    await call.act();
    expect(await call.undo()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringContaining('by hand'),
    });
  });

  it('says that the account is wrong, and never with which password', async () => {
    process.env['VIGIA_TEST_A10'] = 'planted-wrong';
    const failure: unknown = await verbs(httpCall, bed())
      .plan(input)
      .catch((cause: unknown) => cause);
    expect(failure).toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/logon failed: it answered 403/),
    });
    expect(String((failure as Error).stack)).not.toContain('planted');
  });
});
