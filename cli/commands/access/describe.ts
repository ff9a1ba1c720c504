/** One access in words: who, what, how long, what the target said. */
import type { Access } from '../../../core/documents.ts';
import { facts } from '../../print.ts';

export const minutes = (count: number): string =>
  count % 60 === 0
    ? `${count / 60} h`
    : count > 60
      ? `${Math.floor(count / 60)} h ${count % 60} min`
      : `${count} min`;

/** Late is said aloud, wherever the state is shown. */
export function stateOf(access: Access): string {
  const { state, ended, trouble, review, reviewBy } = access;
  if (state === 'ending' && trouble !== undefined) return 'ending, NOT ENDED YET';
  const late = ended?.lateMs === undefined ? '' : `, ${minutes(Math.round(ended.lateMs / 60_000))} LATE`;
  const look = reviewBy === undefined ? '' : review === undefined ? ', to review' : `, ${review.verdict}`;
  return `${state}${late}${look}`;
}

export function describe(access: Access): string {
  const { given, ended, plan, review, refusal, takenBack, trouble } = access;
  const head = facts([
    ['access', access.id],
    ['state', stateOf(access)],
    ['who', access.who === access.account ? access.who : `${access.who}, as ${access.account}`],
    ['gets', `${access.role} on ${access.system}`],
    ['for', minutes(access.minutes)],
    ['why', access.ticket === undefined ? access.why : `${access.why} (${access.ticket})`],
    ['asked by', `${access.requestedBy} at ${access.requested}`],
    [
      'approvals',
      `${access.approvals.length} of ${access.approvalsNeeded}, until ${access.expires}; ${access.approvals.map(({ by }) => by).join(', ')}`,
    ],
    ['plan hash', access.planHash],
    ...rows([
      ['not before', access.notBefore],
      ['refused', refusal && `${refusal.by}: ${refusal.reason}`],
      ['given', given && `${given.from} to ${given.to}; ${given.outcome}: ${given.detail}`],
      ['taken back', takenBack && `${takenBack.by} at ${takenBack.at}: ${takenBack.reason}`],
      ['trouble', trouble && `${trouble.detail}; tried again after ${trouble.next}`],
      ['ended', ended?.at],
      ['right', ended && `${ended.proof.right.outcome}: ${ended.proof.right.detail}`],
      ['sessions', ended && `${ended.proof.sessions.outcome}: ${ended.proof.sessions.detail}`],
      ['review until', review === undefined ? access.reviewBy : undefined],
      ['review', review && `${review.by} at ${review.at}: ${review.verdict}; ${review.text}`],
    ]),
  ]);
  if (access.state !== 'waiting') return head;
  return [
    head,
    ['What changes:', ...plan.changes.map((line) => `  ${line}`)].join('\n'),
    ['What stays:', ...plan.stays.map((line) => `  ${line}`)].join('\n'),
    facts([
      ['at its end', plan.undo],
      ['proof', plan.proof],
      ...Object.entries(plan.observed).map(
        ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
      ),
    ]),
  ].join('\n\n');
}

const rows = (pairs: readonly (readonly [string, string | undefined])[]) =>
  pairs.filter(([, value]) => value !== undefined);
