/** Patching: the waves of the policy, how far the last run of each came, and what the hosts of the chosen one are behind by. */
import type { PatchingAnswer, WaveRow } from '../store/state.ts';
import { runOfWave } from '../store/wave-run.ts';
import { type Body, sentenceBody } from './body.ts';
import { left, right } from './cells.ts';
import { type Line, type Piece, piece, rule, sign } from './line.ts';
import { listOf } from './list.ts';
import { runState } from './runs.ts';
import type { View } from './view.ts';

const WAVE = 12;
const HOSTS = 7;
const BEHIND = 8;
const WINDOW = 12;
const STATE = 18;

function row(view: View, answer: PatchingAnswer, wave: WaveRow, isSelected: boolean): Piece[] {
  const { say, data } = view;
  const run = runOfWave(answer, wave);
  const state = run === undefined ? piece(say('patching.no-run'), 'dim') : runState(view, run);
  const seen = wave.hosts.map((host) => answer.hosts.find((one) => one.host === host)?.behind);
  const behind = seen.filter((count) => count !== undefined && count > 0).length;
  // What nobody has looked at is not up to date.
  const known = sign(seen.includes(undefined) ? `${behind}?` : String(behind));
  const done = run?.steps.filter(({ outcome }) => outcome !== undefined).length;
  return [
    piece(left(data(wave.id), WAVE), isSelected ? 'bold' : 'plain'),
    piece(sign(`${right(sign(String(wave.hosts.length)), HOSTS - 2)}  `)),
    piece(sign(`${right(known, BEHIND - 2)}  `), behind > 0 ? 'warn' : 'plain'),
    piece(left(data(wave.window), WINDOW)),
    { ...state, text: left(state.text, STATE) },
    piece(run === undefined ? sign('') : say('run.steps', { done: done ?? 0, all: run.steps.length })),
  ];
}

/** Rows about hosts under the list; the others are counted. */
const SHOWN_HOSTS = 6;

function hostLines(view: View, answer: PatchingAnswer, wave: WaveRow): Line[] {
  const { say, data, age } = view;
  const order = [wave.canary, ...wave.hosts.filter((host) => host !== wave.canary)];
  const lines = order.slice(0, SHOWN_HOSTS).map((name): Line => {
    const host = answer.hosts.find((one) => one.host === name);
    const title = name === wave.canary ? `${name} (${say('patching.canary')})` : name;
    const facts: Piece[] =
      host?.at === undefined
        ? [piece(say('patching.never-seen'), 'warn')]
        : [
            piece(
              say('patching.behind', { count: host.behind ?? 0 }),
              (host.behind ?? 0) > 0 ? 'warn' : 'ok',
            ),
            ...((host.stale ?? 0) > 0
              ? [piece(sign(`  ${say('patching.stale', { count: host.stale ?? 0 })}`), 'warn')]
              : []),
            ...(host.reboot ? [piece(sign(`  ${say('patching.reboot')}`), 'warn')] : []),
            piece(sign(`  ${say('patching.seen', { age: age(host.at) })}`), 'dim'),
          ];
    const trouble = host?.failure ? [piece(sign('  ')), piece(data(host.failure.message), 'fail')] : [];
    return [piece(sign(' ')), piece(left(data(title), 20)), ...facts, ...trouble];
  });
  const more = order.length - lines.length;
  return more > 0
    ? [...lines, [piece(sign(` ${say('patching.more-hosts', { count: more })}`), 'dim')]]
    : lines;
}

export function patchingBody(view: View): Body {
  const { s, say, columns, data } = view;
  const { value, error, place } = s.patching;
  if (!value || value.waves.length === 0) {
    const text = value ? say('patching.none') : (error ?? say('loading'));
    return sentenceBody(text, place, error !== undefined && !value);
  }
  const heading = [
    left(say('column.wave'), WAVE),
    left(right(say('column.hosts'), HOSTS - 2), HOSTS),
    left(right(say('column.behind'), BEHIND - 2), BEHIND),
    left(say('column.window'), WINDOW),
    left(say('column.last-run'), STATE),
    say('column.steps'),
  ].join('');
  const ids = value.waves.map(({ id }) => id);
  const { pane, selected } = listOf(view, value.waves, ids, place, (wave, isSelected) =>
    row(view, value, wave, isSelected),
  );
  const about: Line[] = selected
    ? [
        rule(columns),
        [piece(sign(' ')), piece(data(selected.title), 'bold')],
        ...hostLines(view, value, selected),
      ]
    : [];
  return {
    head: [[piece(sign(`  ${heading}`), 'dim')]],
    pane,
    foot: about,
    status: {
      start: [
        piece(say('patching.count', { count: value.waves.length })),
        ...(value.urgent > 0
          ? [piece(sign(' · ')), piece(say('patching.urgent', { count: value.urgent }), 'fail')]
          : []),
      ],
      end: [],
    },
  };
}

export const patchingCrumb = ({ say }: View): Line => [piece(say('screen.patching'), 'bold')];
