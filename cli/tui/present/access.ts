/** One privileged access: what is asked for, what it changes, who decided, what the target said, the journal. */
import type { Access } from '../../../core/documents.ts';
import type { Shown } from '../../../core/visible.ts';
import type { AccessAnswer } from '../store/state.ts';
import { accessState } from './accesses.ts';
import { type Body, sentenceBody, textPane } from './body.ts';
import { left, wrap } from './cells.ts';
import { blank, type Line, label, piece, rule, type Style, sign } from './line.ts';
import { spanOf, type View } from './view.ts';

export function accessBody(view: View): Body {
  const { s, say, data, columns } = view;
  const { value, place, error } = s.access;
  if (!value) return sentenceBody(error ?? say('loading'), place, error !== undefined);
  const { access } = value;
  const title = data(`${access.role} (${access.system})`);
  return {
    head: [
      [piece(sign(' ')), accessState(view, access), piece(sign('  ')), piece(title, 'bold')],
      rule(columns),
    ],
    pane: textPane([...facts(view, access), ...proof(view, access), ...story(view, value)], place),
    foot: [],
    status: { start: [], end: [] },
  };
}

const LABEL = 13;

type Fact = readonly [name: Shown, text: Shown | undefined, style?: Style];

const linesOf = ({ columns }: View, all: readonly Fact[]): Line[] =>
  all.flatMap(([name, text, style = 'plain']) =>
    text === undefined
      ? []
      : wrap(text, columns - LABEL - 2).map(
          (part, at): Line => [label(at === 0 ? sign(` ${name}`) : sign(''), LABEL), piece(part, style)],
        ),
  );

function facts(view: View, access: Access): Line[] {
  const { say, data, moment } = view;
  const { who, account, why, ticket, plan, approvals, refusal } = access;
  const many = (name: Shown, texts: readonly string[], style: Style = 'plain'): Fact[] =>
    texts.map((text, at): Fact => [at === 0 ? name : sign(''), data(text), style]);
  return linesOf(view, [
    [say('access.who'), data(who === account ? who : `${who}, ${account}`), 'bold'],
    [say('access.for'), spanOf(access.minutes * 60_000)],
    [say('access.why'), data(ticket === undefined ? why : `${why} (${ticket})`)],
    [say('access.asked-by'), sign(`${data(access.requestedBy)}  ${moment(access.requested)}`)],
    ...approvals.map(({ by, at }): Fact => [say('access.approved-by'), sign(`${data(by)}  ${moment(at)}`)]),
    [
      say('access.refused-by'),
      refusal && sign(`${data(refusal.by)}  ${moment(refusal.at)}  ${data(refusal.reason)}`),
    ],
    [say('run.expires'), access.state === 'waiting' ? moment(access.expires) : undefined],
    [say('run.hash'), data(access.planHash.slice(0, 16))],
    ...many(say('plan.changes'), plan.changes, 'bold'),
    ...many(say('plan.stays'), plan.stays),
    [say('plan.undo'), data(plan.undo)],
    [say('plan.proof'), data(plan.proof)],
  ]);
}

const OUTCOMES: Readonly<Record<string, Style>> = { proven: 'ok', 'not-proven': 'fail', unknown: 'fail' };

/** What the target said, at the beginning and at the end. */
function proof(view: View, access: Access): Line[] {
  const { say, data, moment } = view;
  const { given, takenBack, trouble, ended, review, reviewBy } = access;
  const said = (name: Shown, one: { outcome: string; detail: string }): Fact => [
    name,
    sign(`${say(`outcome.${one.outcome}` as 'outcome.proven')}: ${data(one.detail)}`),
    OUTCOMES[one.outcome] ?? 'plain',
  ];
  return linesOf(view, [
    ...(given ? [said(say('access.given'), given), [say('access.until'), moment(given.to)] as Fact] : []),
    [
      say('access.taken-back'),
      takenBack && sign(`${data(takenBack.by)}  ${moment(takenBack.at)}  ${data(takenBack.reason)}`),
    ],
    [say('access.trouble'), trouble && data(trouble.detail), 'fail'],
    ...(ended
      ? [
          [say('access.ended-at'), moment(ended.at)] as Fact,
          [
            say('access.late'),
            ended.lateMs === undefined ? undefined : say('access.late-by', { span: spanOf(ended.lateMs) }),
            'fail',
          ] as Fact,
          said(say('access.right'), ended.proof.right),
          said(say('access.sessions'), ended.proof.sessions),
        ]
      : []),
    ...access.recordings.map(
      ({ from, by, sha256 }): Fact => [
        say('access.recorded'),
        sign(
          `${data(by)}  ${moment(from)}  ${sha256 === undefined ? say('access.not-closed') : data(sha256.slice(0, 16))}`,
        ),
        sha256 === undefined ? 'fail' : 'plain',
      ],
    ),
    [
      say('access.review-by'),
      review === undefined && reviewBy !== undefined ? moment(reviewBy) : undefined,
      'warn',
    ],
    [
      say('access.reviewed'),
      review && sign(`${data(review.by)}  ${say(`access.${review.verdict}`)}  ${data(review.text)}`),
    ],
  ]);
}

const story = ({ say, data, time }: View, { journal }: AccessAnswer): Line[] => [
  blank,
  [piece(sign(` ${say('run.journal')}`), 'bold')],
  ...journal.map(
    ({ at, by, entry }): Line => [
      piece(sign(` ${time(at)}  `), 'dim'),
      piece(left(data(by), 12)),
      piece(data(entry)),
    ],
  ),
];
