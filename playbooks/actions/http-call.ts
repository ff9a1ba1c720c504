/** One change on an appliance by its HTTP API, with the question that proves it and the change that takes it back. For a load balancer of A10: auth a10, paths under /axapi/v3. */
import type { Http } from '../../targets/http.ts';
import { action, said } from '../action.ts';
import { line, system } from '../inputs.ts';

interface Call {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

interface Check {
  readonly path: string;
  readonly contains: string;
  readonly absent?: boolean;
}

interface Input {
  readonly system: string;
  readonly subject: string;
  readonly change: Call;
  readonly check: Check;
  readonly undo?: Call;
}

const path = { type: 'string', maxLength: 1_024, pattern: '^/[\\x21-\\x7e]*$' } as const;
const call = (description: string) => ({
  type: 'object',
  required: ['method', 'path'],
  additionalProperties: false,
  properties: { method: { enum: ['POST', 'PUT', 'PATCH', 'DELETE'] }, path, body: {} },
  description,
});

export const httpCall = action<Input, { was: boolean }, { status: number }>({
  id: 'http.call',
  title: 'Change something by an HTTP API',
  untried: 'Its tests answer from records of aXAPI v3 as A10 documents it and refuse any other call.',
  risk: 'destructive',
  input: {
    type: 'object',
    required: ['system', 'subject', 'change', 'check'],
    additionalProperties: false,
    properties: {
      system: system('load-balancer'),
      subject: { ...line(256), description: 'What is changed there, by the name that people know.' },
      change: call('Method, path and JSON body of the change.'),
      check: {
        type: 'object',
        required: ['path', 'contains'],
        additionalProperties: false,
        properties: {
          path,
          contains: { type: 'string', minLength: 1, maxLength: 512 },
          absent: { type: 'boolean' },
        },
        description:
          'What is read for the proof: the answer to `path` contains a text, or not (`absent`), once it is changed.',
      },
      undo: call('Method, path and JSON body that take it back; without it a person does.'),
    },
  },
  plan: (input, ctx) =>
    ctx.http(input.system, async (http) => {
      const { subject, change, undo } = input;
      const was = await isSo(http, input.check);
      return {
        plan: {
          targets: [{ system: input.system, identity: `${http.server}/${subject}`, name: subject }],
          changes: was
            ? []
            : [`~ ${said(subject)}: ${change.method} ${change.path} ${JSON.stringify(change.body ?? null)}`],
          stays: [
            was ? 'everything: the check says that it is so already' : 'whatever the call does not name',
          ],
          undo:
            undo === undefined
              ? 'by hand: the flow gives no call that takes it back'
              : `${undo.method} ${undo.path}`,
          proof: `reads ${input.check.path} again over a new connection`,
          bounds: {},
          observed: {},
        },
        subjects: [{ system: input.system, kind: 'named-asset', names: [subject] }],
        before: { was },
      };
    }),
  act: ({ input: { system: where, change, check } }, ctx) =>
    ctx.http(where, async (http) => {
      if (await isSo(http, check)) return { status: 0 };
      return { status: (await http.change('change', change)).status };
    }),
  verify: ({ input: { system: where, check } }, ctx) =>
    ctx.http(where, async (http) =>
      (await isSo(http, check))
        ? { outcome: 'proven', detail: `${http.server} shows the change` }
        : { outcome: 'not-proven', detail: `${http.server} does not show the change; plan a new run` },
    ),
  undo: ({ input: { system: where, check, undo }, before: { was } }, ctx) =>
    ctx.http(where, async (http) => {
      if (was) return { outcome: 'proven', detail: 'it was so before the run and stays so' };
      if (undo === undefined)
        return { outcome: 'not-proven', detail: 'the flow gives no call that takes it back; do it by hand' };
      if (await isSo(http, check)) await http.change('taking back', undo);
      return (await isSo(http, check))
        ? { outcome: 'not-proven', detail: `${http.server} still shows the change; take it back by hand` }
        : { outcome: 'proven', detail: `${http.server} no longer shows the change` };
    }),
});

/** What is not found contains nothing. */
async function isSo(http: Http, { path: where, contains, absent }: Check): Promise<boolean> {
  const { status, text } = await http.read('checking', { method: 'GET', path: where, statuses: [200, 404] });
  return (status === 200 && text.includes(contains)) !== (absent === true);
}
