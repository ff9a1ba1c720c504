import { expect, it } from 'vitest';
import { errors } from '../../core/errors.ts';
import type { Proof } from '../action.ts';
import { PAUSE_MS, patiently } from './patience.ts';

const proven: Proof = { outcome: 'proven', detail: 'it is back' };
const notYet: Proof = { outcome: 'not-proven', detail: 'not yet' };
const away = errors.remote('web1', 'connecting', new Error('connection refused'));

/** What one question after the other gives; the last one for ever. */
function asking(...answers: readonly (Proof | Error)[]) {
  let now = 0;
  let asked = 0;
  const ask = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)]!;
    asked += 1;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const wait = async (ms: number) => {
    now += ms;
  };
  return {
    proof: (patienceMs: number) => patiently({ monotonic: () => now, wait }, patienceMs, ask),
    asked: () => asked,
  };
}

it('asks until the proof is there, through not yet and nobody there', async () => {
  const { proof, asked } = asking(notYet, away, away, proven);
  expect(await proof(60_000)).toEqual(proven);
  expect(asked()).toBe(4);
});

it.each([
  [0, 1],
  [2 * PAUSE_MS, 3],
])('with a patience of %i ms asks %i times', async (patienceMs, times) => {
  const { proof, asked } = asking(notYet);
  expect(await proof(patienceMs)).toEqual(notYet);
  expect(asked()).toBe(times);
});

it('says in the end that nobody answers, and passes a bug on at once', async () => {
  await expect(asking(away).proof(PAUSE_MS)).rejects.toBe(away);
  const bug = new TypeError('x is undefined');
  const broken = asking(bug);
  await expect(broken.proof(60_000)).rejects.toBe(bug);
  expect(broken.asked()).toBe(1);
});
