/** Calls one person of a chain over the channel that the policy names; says what is known of it afterwards. */
import { VigiaError } from '../../core/errors.ts';
import { wasRefused } from '../../targets/refusals.ts';
import type { ActionContext, Called } from '../action.ts';
import type { OnCallPerson } from './chain.ts';

export interface Call {
  /** The same for the same call, so that a receiver takes it once. */
  readonly id: string;
  readonly chain: string;
  readonly title: string;
  readonly text: string;
  readonly incident?: string;
  /** The command by which the person answers. */
  readonly answer: string;
}

type Channels = Pick<ActionContext, 'mail' | 'webhook' | 'now'>;

export async function callPerson(person: OnCallPerson, call: Call, ctx: Channels): Promise<Called> {
  try {
    return person.by === 'mail' ? await byMail(person, call, ctx) : await byWebhook(person.system, call, ctx);
  } catch (cause) {
    if (!(cause instanceof VigiaError) || cause.code !== 'remote') throw cause;
    return wasRefused(cause)
      ? { outcome: 'not-proven', detail: cause.message }
      : { outcome: 'unknown', detail: `${cause.message}; whether it arrived is not known` };
  }
}

async function byMail(
  { system, to }: OnCallPerson & { by: 'mail' },
  { id, title, text, answer }: Call,
  ctx: Channels,
): Promise<Called> {
  const said = await ctx.mail(system).send({
    id,
    to: [to],
    subject: title,
    text: `${text}\n\nSomebody must take this. Answer with:\n${answer}\n`,
  });
  return { outcome: 'proven', detail: `the server took the message: ${said.slice(0, 200)}` };
}

async function byWebhook(system: string, call: Call, ctx: Channels): Promise<Called> {
  const at = ctx.now();
  const body = JSON.stringify({ ...call, kind: 'on-call', at: new Date(at).toISOString() });
  const { status, json } = await ctx.webhook(system).send(call.id, Math.floor(at / 1_000), body);
  const detail = `the receiver answered ${status}`;
  const name = acknowledgedIn(json, call.id);
  return name === undefined
    ? { outcome: 'proven', detail }
    : {
        outcome: 'proven',
        detail: `${detail}, acknowledged`,
        acknowledgedBy: `${name} (answer of ${system})`,
      };
}

/** `{"id": …, "acknowledgedBy": "ana"}` with the id of this very call; anything else is no acknowledgement. */
function acknowledgedIn(json: unknown, id: string): string | undefined {
  const { id: named, acknowledgedBy: name } = (json ?? {}) as { id?: unknown; acknowledgedBy?: unknown };
  const isName = typeof name === 'string' && /^[^\u0000-\u001f\u007f]{1,256}$/.test(name);
  return named === id && isName ? name : undefined;
}
