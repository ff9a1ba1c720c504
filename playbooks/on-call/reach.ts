/** Whether the people of a chain can be reached, asked of each channel without bothering anybody; what cannot be known is said. */
import { randomUUID } from 'node:crypto';
import { VigiaError } from '../../core/errors.ts';
import { readsOnly } from '../../targets/calls.ts';
import { type Mail, mailOf } from '../../targets/mail.ts';
import { wasRefused } from '../../targets/refusals.ts';
import type { TargetsSettings } from '../../targets/settings.ts';
import { type Webhook, webhookOf } from '../../targets/webhook.ts';
import type { Proof } from '../action.ts';
import type { OnCallChain, OnCallPerson } from './chain.ts';

export interface Reach extends Proof {
  readonly chain: string;
  readonly who: string;
}

/** One after the other: a mail server that is asked for many at once thinks of spam. */
export async function reachChains(
  chains: readonly OnCallChain[],
  targets: TargetsSettings,
  now: () => number,
): Promise<Reach[]> {
  const found: Reach[] = [];
  for (const { id, people } of chains)
    for (const person of people)
      found.push({ chain: id, who: person.who, ...(await reach(person, targets, now)) });
  return found;
}

async function reach(person: OnCallPerson, targets: TargetsSettings, now: () => number): Promise<Proof> {
  const { system } = person;
  const target = Object.hasOwn(targets, system) ? targets[system] : undefined;
  try {
    if (person.by === 'mail' && target?.kind === 'mail')
      return await byMail(mailOf(system, target, readsOnly), person.to);
    if (person.by === 'webhook' && target?.kind === 'webhook')
      return await byWebhook(webhookOf(system, target, readsOnly), now());
    return {
      outcome: 'not-proven',
      detail: `the settings have no ${person.by} target called ${JSON.stringify(system)}`,
    };
  } catch (cause) {
    if (!(cause instanceof VigiaError)) throw cause;
    const isKnown = cause.code !== 'remote' || wasRefused(cause);
    return { outcome: isKnown ? 'not-proven' : 'unknown', detail: cause.message };
  }
}

const UNREAD = 'whether anybody reads it is not known';

async function byMail(mail: Mail, to: string): Promise<Proof> {
  mail.expectAllowed([to]);
  // A server that takes any name says nothing about this one.
  const nobody = `vigia-${randomUUID()}${to.slice(to.lastIndexOf('@'))}`;
  const [asked, unheard] = await mail.wouldTake([to, nobody]);
  if (asked === undefined || unheard === undefined) throw new Error('the mail server gave no answer');
  if (asked.code >= 500) return { outcome: 'not-proven', detail: `the server refuses it: ${asked.text}` };
  if (asked.code >= 300 || asked.code === 252)
    return { outcome: 'unknown', detail: `the server does not say now: ${asked.text}` };
  return unheard.code < 300
    ? {
        outcome: 'unknown',
        detail: `the server takes any name of that domain, so that this one may not exist; ${UNREAD}`,
      }
    : { outcome: 'proven', detail: `the server takes mail for it; ${UNREAD}` };
}

async function byWebhook(webhook: Webhook, atMs: number): Promise<Proof> {
  const { status } = await webhook.ping(randomUUID(), Math.floor(atMs / 1_000));
  return {
    outcome: 'proven',
    detail: `the receiver answered ${status} to a signed ping; whether it reaches a person is not known`,
  };
}
