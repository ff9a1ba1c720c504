/** Answers as Microsoft Graph v1.0 documents them, for users and their mailboxes that the test looks into. */
import type { HttpSettings } from '../../targets/settings.ts';
import { type Answer, type RecordedServer, recordedServer } from './recorded-server.ts';

export interface GraphPerson {
  readonly id: string;
  readonly user: { accountEnabled: boolean; signInSessionsValidFromDateTime: string | null };
  /** Subjects by message id. */
  readonly mailbox: Map<string, string>;
}

export interface GraphRecord extends RecordedServer, Omit<GraphPerson, 'id'> {
  /** One more, with one message. */
  person(name: string): GraphPerson;
  /** What may appear nowhere else. */
  readonly secrets: readonly string[];
  readonly targets: { readonly graph: HttpSettings };
}

const FIELDS = '?$select=id,userPrincipalName,accountEnabled,signInSessionsValidFromDateTime';
const SECRET = 'Va1-graph-secret';
const TOKEN = 'Va1-graph-access-token';
export const MESSAGE = '<invoice-1@mail.example.test>';

/** `user` and `mailbox` of the answer are those of the first person. */
export async function graphRecord(name: string): Promise<GraphRecord> {
  process.env['VIGIA_TEST_GRAPH'] = SECRET;
  const server = await recordedServer({
    'POST /token': ({ body }) =>
      new URLSearchParams(body).get('client_secret') === SECRET
        ? [200, { token_type: 'Bearer', access_token: TOKEN }]
        : [401, { error: 'invalid_client' }],
    'GET /users/nobody%40example.test?$select=id,userPrincipalName,accountEnabled,signInSessionsValidFromDateTime':
      () => 404,
  });
  let people = 0;
  const person = (principal: string): GraphPerson => {
    people += 1;
    const one = recordOf(principal, people);
    for (const [call, answer] of Object.entries(one.answers)) server.answer(call, answer);
    return one;
  };
  const { user, mailbox } = person(name);
  return {
    ...server,
    user,
    mailbox,
    person,
    secrets: [SECRET, TOKEN],
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

function recordOf(name: string, number: number) {
  const id = `8f0e3b0c-0000-4000-8000-${String(number).padStart(12, '0')}`;
  const message = `AAMk=${number}`;
  const user: GraphPerson['user'] = {
    accountEnabled: true,
    signInSessionsValidFromDateTime: '2026-11-01T08:00:00Z',
  };
  const mailbox = new Map([[message, 'Fatura em atraso']]);
  const read: Answer = () => [200, { id, userPrincipalName: name, ...user }];
  // A URL encodes the quotes of its query as well.
  const filter = encodeURIComponent(`internetMessageId eq '${MESSAGE}'`).replaceAll("'", '%27');
  const answers: Readonly<Record<string, Answer>> = {
    [`GET /users/${encodeURIComponent(name)}${FIELDS}`]: read,
    [`GET /users/${id}${FIELDS}`]: read,
    [`PATCH /users/${id}`]: ({ json, headers }) => {
      if (headers.authorization !== `Bearer ${TOKEN}`) return 401;
      user.accountEnabled = (json as { accountEnabled: boolean }).accountEnabled;
      return 204;
    },
    [`POST /users/${id}/revokeSignInSessions`]: () => {
      user.signInSessionsValidFromDateTime = '2026-11-28T09:00:00Z';
      return [200, { value: true }];
    },
    [`GET /users/${id}/messages?$filter=${filter}&$select=id,subject`]: () => [
      200,
      { value: [...mailbox].map(([each, subject]) => ({ id: each, subject })) },
    ],
    [`POST /users/${id}/messages/${encodeURIComponent(message)}/permanentDelete`]: () =>
      mailbox.delete(message) ? 204 : 404,
  };
  return { id, user, mailbox, answers };
}
