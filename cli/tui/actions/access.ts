/** Privileged access from the console: ask for it, approve, refuse, end, review. The server checks all of it again. */
import type { Access } from '../../../core/documents.ts';
import { errors } from '../../../core/errors.ts';
import type { Shown } from '../../../core/visible.ts';
import type { Console } from '../store/console.ts';
import { refreshAccess } from '../store/refresh-access.ts';
import { openForm } from './form.ts';
import { openAccess } from './navigate.ts';

/** The one that is open, else the one under the hand. */
export const selectedAccess = ({ state: { access, accesses } }: Console): Access | undefined =>
  access.id === undefined
    ? accesses.value?.find(({ id }) => id === accesses.place.selected)
    : access.value?.access;

const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

/** Only while it is in one of the states; undefined when so. */
export const unlessIn =
  (...states: readonly Access['state'][]) =>
  (c: Console): Shown | undefined => {
    const access = selectedAccess(c);
    if (access === undefined) return c.say('why.nothing');
    return states.includes(access.state)
      ? undefined
      : c.say('access.is', { state: c.say(`access.${access.state}`) });
  };

/** Neither who asks nor who gets it decides. */
export function whyNotDecide(c: Console): Shown | undefined {
  const access = selectedAccess(c);
  const user = c.state.me?.user ?? '';
  if (access && (same(user, access.requestedBy) || same(user, access.who)))
    return c.say('access.own', { user });
  return unlessIn('waiting')(c);
}

export const whyNotReview = (c: Console): Shown | undefined => {
  const access = selectedAccess(c);
  if (access?.review !== undefined || access?.reviewBy === undefined) return c.say('access.no-review');
  return undefined;
};

const send = async (c: Console, access: Access, verb: string, body: object): Promise<void> => {
  const answer = await c.api.post<{ access: Access }>(
    `/api/v1/access/${encodeURIComponent(access.id)}/${verb}`,
    body,
  );
  c.tell('done', c.say('access.now', { id: access.id, state: c.say(`access.${answer.access.state}`) }));
  await refreshAccess(c);
};

/** The plan that is on the screen, and no other: from the list it is opened first. */
export function approve(c: Console) {
  const access = selectedAccess(c);
  if (!access) return;
  if (c.state.access.id === undefined) return c.run(openAccess(c, access.id));
  openForm(c, {
    // What was typed to decide is never kept: it must be typed each time.
    draft: `approve ${access.id} ${c.now()}`,
    title: c.say('access.approve', { id: access.id, role: access.role, who: access.who }),
    fields: [
      {
        name: 'word',
        label: c.say('access.word'),
        about: c.say('access.word-about', { word: access.account }),
        required: true,
      },
    ],
    async submit({ word }) {
      if (word !== access.account) throw errors.usage(c.say('access.word-about', { word: access.account }));
      await send(c, access, 'approve', { planHash: access.planHash });
    },
  });
}

export function reasoned(c: Console, verb: 'refuse' | 'end') {
  const access = selectedAccess(c);
  if (!access) return;
  openForm(c, {
    draft: `${verb} ${access.id}`,
    title: c.say(`access.${verb}`, { id: access.id }),
    fields: [{ name: 'reason', label: c.say('form.reason'), required: true }],
    submit: ({ reason }) => send(c, access, verb, { reason }),
  });
}

export function review(c: Console) {
  const access = selectedAccess(c);
  if (!access) return;
  openForm(c, {
    draft: `review ${access.id}`,
    title: c.say('access.review', { id: access.id }),
    fields: [
      {
        name: 'verdict',
        label: c.say('close.verdict'),
        options: (['in-order', 'misused'] as const).map((value) => ({
          value,
          label: c.say(`access.${value}`),
        })),
      },
      { name: 'text', label: c.say('note.text'), required: true },
    ],
    submit: ({ verdict, text }) => send(c, access, 'review', { verdict, text }),
  });
}

/** For oneself unless an account is named. */
export function request(c: Console) {
  openForm(c, {
    draft: 'access request',
    title: c.say('access.request'),
    fields: [
      { name: 'system', label: c.say('access.system'), about: c.say('access.system-about'), required: true },
      { name: 'role', label: c.say('access.role'), about: c.say('access.role-about'), required: true },
      { name: 'account', label: c.say('access.account'), about: c.say('access.account-about') },
      { name: 'minutes', label: c.say('access.minutes'), value: '60', required: true },
      { name: 'why', label: c.say('access.why'), required: true },
      { name: 'ticket', label: c.say('access.ticket') },
    ],
    async submit({ minutes, ...texts }) {
      const given = Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
      const { access } = await c.api.post<{ access: Access }>('/api/v1/access', {
        ...given,
        minutes: Number(minutes),
      });
      c.tell('done', c.say('access.asked', { id: access.id }));
      await openAccess(c, access.id);
    },
  });
}
