/**
 * What one core does for a program that matches, its helpers included (compiler, collector of garbage): once for a file, and once for
 * the same file several times over. The difference is what further events cost when the rules are loaded and the program is warm.
 */
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { wholeProgram } from './whole-program.ts';

export interface MatchingProgram {
  program: string;
  argumentsFor(input: string): readonly string[];
}

/** Long enough that what each thread does once (loading, compiling) does not decide. */
export const TIMES = 4;
/** In each file. */
const EVENTS = 100_000;

export async function onOneCore(
  name: string,
  ours: MatchingProgram,
  theirs: MatchingProgram | undefined,
  path: string,
): Promise<Record<string, number>> {
  const long = joined(path);
  const vigia = await cost(ours, path, long);
  const figures = {
    [`${name}, one core: whole program s`]: round(vigia.once),
    [`${name}, one core: further events/s`]: Math.round(vigia.furtherPerS),
    [`${name}, one core: ${TIMES} times, s`]: round(vigia.long),
  };
  const rsigma = theirs && (await cost(theirs, path, long));
  rmSync(long);
  if (rsigma === undefined) return figures;
  return {
    ...figures,
    [`${name}, one core: rsigma whole program s`]: round(rsigma.once),
    [`${name}, one core: rsigma further events/s`]: Math.round(rsigma.furtherPerS),
    [`${name}, one core: times as fast as rsigma, whole program`]: round(rsigma.once / vigia.once),
    [`${name}, one core: times as fast as rsigma, further events`]: round(
      vigia.furtherPerS / rsigma.furtherPerS,
    ),
  };
}

async function cost({ program, argumentsFor }: MatchingProgram, path: string, long: string) {
  const run = async (input: string) =>
    (await wholeProgram('taskset', ['-c', '0', program, ...argumentsFor(input)])).cpuS;
  const once = await run(path);
  const several = await run(long);
  return { once, long: several, furtherPerS: ((TIMES - 1) * EVENTS) / (several - once) };
}

/** One file, because the peer takes no more. */
function joined(path: string): string {
  const long = `${path}.${TIMES}-times`;
  rmSync(long, { force: true });
  const bytes = readFileSync(path);
  for (let time = 0; time < TIMES; time++) appendFileSync(long, bytes);
  return long;
}

const round = (value: number): number => Math.round(value * 100) / 100;
