/** Answers as Microsoft Graph v1.0 documents them, for one user and one mailbox that the test looks into. */
import { type RecordedServer, recordedServer } from './recorded-server.ts';

export interface GraphRecord extends RecordedServer {
  readonly user: { accountEnabled: boolean; signInSessionsValidFromDateTime: string | null };
  /** Subjects by message id. */
  readonly mailbox: Map<string, string>;
  readonly targets: { readonly graph: object };
}

const ID = '8f0e3b0c-0000-4000-8000-000000000001';
const FIELDS = '?$select=id,userPrincipalName,accountEnabled,signInSessionsValidFromDateTime';
export const MESSAGE = '<invoice-1@mail.example.test>';

export async function graphRecord(name: string): Promise<GraphRecord> {
  process.env['VIGIA_TEST_GRAPH'] = 'Va1-graph-secret';
  const user = {
    accountEnabled: true,
    signInSessionsValidFromDateTime: '2026-11-01T08:00:00Z' as string | null,
  };
  const mailbox = new Map([['AAMk=1', 'Fatura em atraso']]);
  const read = () => [200, { id: ID, userPrincipalName: name, ...user }] as const;
  // A URL encodes the quotes of its query as well.
  const filter = encodeURIComponent(`internetMessageId eq '${MESSAGE}'`).replaceAll("'", '%27');
  const server = await recordedServer({
    'POST /token': ({ body }) =>
      new URLSearchParams(body).get('client_secret') === 'Va1-graph-secret'
        ? [200, { token_type: 'Bearer', access_token: 'tok' }]
        : [401, { error: 'invalid_client' }],
    [`GET /users/${encodeURIComponent(name)}${FIELDS}`]: read,
    [`GET /users/${ID}${FIELDS}`]: read,
    'GET /users/nobody%40example.test?$select=id,userPrincipalName,accountEnabled,signInSessionsValidFromDateTime':
      () => 404,
    [`PATCH /users/${ID}`]: ({ json, headers }) => {
      if (headers.authorization !== 'Bearer tok') return 401;
      user.accountEnabled = (json as { accountEnabled: boolean }).accountEnabled;
      return 204;
    },
    [`POST /users/${ID}/revokeSignInSessions`]: () => {
      user.signInSessionsValidFromDateTime = '2026-11-28T09:00:00Z';
      return [200, { value: true }];
    },
    [`GET /users/${ID}/messages?$filter=${filter}&$select=id,subject`]: () => [
      200,
      { value: [...mailbox].map(([id, subject]) => ({ id, subject })) },
    ],
    [`POST /users/${ID}/messages/${encodeURIComponent('AAMk=1')}/permanentDelete`]: () =>
      mailbox.delete('AAMk=1') ? 204 : 404,
  });
  return {
    ...server,
    user,
    mailbox,
    targets: {
      graph: {
        kind: 'http',
        url: server.url,
        auth: 'client-credentials',
        user: 'vigia-app',
        tokenUrl: `${server.url}/token`,
        scope: 'https://graph.microsoft.com/.default',
        passwordEnv: 'VIGIA_TEST_GRAPH',
      },
    },
    async close() {
      delete process.env['VIGIA_TEST_GRAPH'];
      await server.close();
    },
  };
}
