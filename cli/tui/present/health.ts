/** Is anything blind? Store, sources, and the ledger: read = stored + duplicate + dead-lettered; stored = evaluated. */
import type { LedgerLine } from '../../../core/store.ts';
import { visible } from '../../../core/visible.ts';
import type { HealthAnswer } from '../store/state.ts';
import { type Body, sentenceBody, textPane } from './body.ts';
import { cells, left, right } from './cells.ts';
import { type Line, type Piece, piece, rule, sign } from './line.ts';
import { listOf } from './list.ts';
import type { View } from './view.ts';

type Sums = Pick<LedgerLine, 'read' | 'stored' | 'duplicate' | 'deadLettered' | 'evaluated'>;
const NONE: Sums = { read: 0, stored: 0, duplicate: 0, deadLettered: 0, evaluated: 0 };

export const sums = (lines: readonly LedgerLine[]): Sums =>
  lines.reduce(
    (sum, line) => ({
      read: sum.read + line.read,
      stored: sum.stored + line.stored,
      duplicate: sum.duplicate + line.duplicate,
      deadLettered: sum.deadLettered + line.deadLettered,
      evaluated: sum.evaluated + line.evaluated,
    }),
    NONE,
  );

/** Records of which nobody can say what became of them; per line, so that two errors do not cancel out. */
export const missing = (lines: readonly LedgerLine[]): { records: number; evaluations: number } =>
  lines.reduce(
    (sum, line) => ({
      records: sum.records + Math.abs(line.read - line.stored - line.duplicate - line.deadLettered),
      evaluations: sum.evaluations + Math.abs(line.stored - line.evaluated),
    }),
    { records: 0, evaluations: 0 },
  );

const COUNT = 9;

export const healthCrumb = ({ say }: View): Line => [piece(say('screen.health'), 'bold')];

export function healthBody(view: View): Body {
  const { s, say, columns } = view;
  const { value, error, place } = s.health;
  if (!value) return sentenceBody(error ?? say('loading'), place, error !== undefined);
  const ids = [
    ...new Set([...value.sources.map(({ id }) => id), ...value.ledger.map(({ source }) => source)]),
  ].sort();
  const name = Math.min(24, Math.max(10, ...ids.map((id) => cells(view.data(id)))));
  const counts = (['read', 'stored', 'duplicate', 'dead', 'evaluated'] as const)
    .map((column) => right(say(`column.${column}`), COUNT))
    .join('');
  const heading: Line = [
    piece(sign(`  ${left(say('column.source'), name)} ${left(say('column.last'), 12)}${counts}`), 'dim'),
  ];
  const body =
    ids.length === 0
      ? { pane: textPane([[piece(sign(`   ${say('health.no-sources')}`), 'dim')]], place) }
      : listOf(view, ids, ids, place, (id) => sourceCells(view, value, id, name));
  return {
    head: [...storeLines(view, value), rule(columns), heading],
    pane: body.pane,
    foot: [rule(columns), ...ledgerLines(view, value)],
    status: { start: [piece(say('health.sources', { count: ids.length }))], end: [] },
  };
}

function storeLines({ say, data }: View, { store, rules, deadLetters }: HealthAnswer): Line[] {
  const isOk = store.state === 'ok';
  return [
    [
      piece(sign(` ${left(say('health.store'), 14)}`), 'dim'),
      piece(sign(isOk ? '● ' : '✖ '), isOk ? 'ok' : 'fail'),
      piece(data(`${store.kind} ${store.state}`), isOk ? 'plain' : 'fail'),
      piece(sign('  ')),
      piece(data(store.detail), 'dim'),
    ],
    [
      piece(sign(` ${left(say('health.events'), 14)}`), 'dim'),
      piece(say('health.stored', { count: store.events, mb: Math.round(store.bytes / 1_048_576) })),
    ],
    [
      piece(sign(` ${left(say('health.rules'), 14)}`), 'dim'),
      piece(say('health.loaded', { count: rules.loaded })),
      ...(rules.refused > 0
        ? [piece(sign('  ')), piece(sign(`✖ ${say('health.refused', { count: rules.refused })}`), 'fail')]
        : []),
    ],
    [
      piece(sign(` ${left(say('health.dead'), 14)}`), 'dim'),
      piece(sign(deadLetters > 0 ? '▲ ' : '● '), deadLetters > 0 ? 'warn' : 'ok'),
      piece(say('health.waiting', { count: deadLetters })),
    ],
  ];
}

function sourceCells(view: View, { sources, ledger }: HealthAnswer, id: string, name: number): Piece[] {
  const { data, time } = view;
  const lines = ledger.filter(({ source }) => source === id);
  const sum = sums(lines);
  const gap = missing(lines);
  const last = sources.find((source) => source.id === id)?.lastAt;
  const count = (value: number, isWrong = false) =>
    piece(right(visible(String(value)), COUNT), isWrong ? 'fail' : 'plain');
  return [
    piece(left(data(id), name)),
    piece(sign(' ')),
    piece(left(last === undefined ? sign('-') : time(last), 12)),
    count(sum.read, gap.records > 0),
    count(sum.stored),
    count(sum.duplicate),
    count(sum.deadLettered, sum.deadLettered > 0),
    count(sum.evaluated, gap.evaluations > 0),
  ];
}

/** The completeness chain; when it breaks it says by how much. */
function ledgerLines({ say }: View, { ledger }: HealthAnswer): Line[] {
  const sum = sums(ledger);
  const gap = missing(ledger);
  const verdict: Piece =
    gap.records + gap.evaluations === 0
      ? piece(sign(`● ${say('ledger.balances')}`), 'ok')
      : piece(sign(`✖ ${say('ledger.gap', { records: gap.records, evaluations: gap.evaluations })}`), 'fail');
  return [
    [
      piece(
        sign(
          ` ${say('ledger.chain', { read: sum.read, stored: sum.stored, duplicate: sum.duplicate, dead: sum.deadLettered, evaluated: sum.evaluated })}`,
        ),
      ),
    ],
    [piece(sign(' ')), verdict],
  ];
}
