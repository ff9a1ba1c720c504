/** Opens one ticket in the ITSM, in the shape of ServiceNow's Table API: found again by its correlation id, so that none is opened twice. */
import { randomUUID } from 'node:crypto';
import type { Http } from '../../targets/http.ts';
import { action, said } from '../action.ts';
import { line, system, words } from '../inputs.ts';

interface Input {
  readonly system: string;
  readonly table: string;
  readonly title: string;
  readonly text: string;
  readonly urgency: number;
}

interface Ticket {
  readonly number: string;
  readonly state: string;
}

export const itsmOpenTicket = action<Input, { correlation: string }, { number: string }>({
  id: 'itsm.open-ticket',
  title: 'Open a ticket in the ITSM',
  untried: 'Its tests answer from records of the documented API and refuse any other call.',
  risk: 'read',
  input: {
    type: 'object',
    required: ['title', 'text'],
    additionalProperties: false,
    properties: {
      system: system('itsm'),
      table: {
        type: 'string',
        pattern: '^[a-z][a-z0-9_]{0,79}$',
        default: 'incident',
        description: 'Table of tickets.',
      },
      title: { ...line(160), description: 'Short description.' },
      text: { ...words(4_000), description: 'Description.' },
      urgency: { type: 'integer', minimum: 1, maximum: 3, default: 2, description: '1 is the highest.' },
    },
  },
  plan: (input, ctx) =>
    ctx.http(input.system, async ({ server }) => ({
      plan: {
        targets: [{ system: input.system, identity: `${server}/${input.table}`, name: input.table }],
        changes: [`+ a ticket in ${said(input.table)}: ${input.title}`],
        stays: ['all other tickets'],
        undo: 'nothing: a ticket is closed by the people who work on it',
        proof: 'looks for the ticket by its correlation id',
        bounds: { tickets: 1 },
        observed: { tickets: 1 },
      },
      subjects: [],
      before: { correlation: randomUUID() },
    })),
  act: ({ input, before: { correlation } }, ctx) =>
    ctx.http(input.system, async (http) => {
      const { table, title, text, urgency } = input;
      const found = await find(http, table, correlation);
      if (found !== undefined) return { number: found.number };
      const { json } = await http.change('opening a ticket', {
        method: 'POST',
        path: `/api/now/table/${table}`,
        headers: { 'idempotency-key': correlation },
        body: {
          short_description: title,
          description: text,
          urgency: String(urgency),
          correlation_id: correlation,
        },
      });
      return {
        number: String((json as { result?: { number?: unknown } } | undefined)?.result?.number ?? ''),
      };
    }),
  verify: ({ input, before: { correlation } }, ctx) =>
    ctx.http(input.system, async (http) => {
      const found = await find(http, input.table, correlation);
      return found === undefined
        ? { outcome: 'not-proven', detail: 'the ITSM has no ticket with that correlation id; plan a new run' }
        : { outcome: 'proven', detail: `ticket ${said(found.number)} is open, state ${said(found.state)}` };
    }),
  undo: 'a ticket is closed by the people who work on it',
});

async function find(http: Http, table: string, correlation: string): Promise<Ticket | undefined> {
  const fields = 'sysparm_fields=number,state&sysparm_limit=2';
  const { json } = await http.read('looking for the ticket', {
    method: 'GET',
    path: `/api/now/table/${table}?sysparm_query=correlation_id=${correlation}&${fields}`,
  });
  const { result = [] } = (json ?? {}) as { result?: readonly { number?: unknown; state?: unknown }[] };
  const [ticket] = result;
  return ticket && { number: String(ticket.number ?? ''), state: String(ticket.state ?? '') };
}
