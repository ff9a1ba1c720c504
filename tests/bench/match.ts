/**
 * Bench `match`: all active public rules over two files of 100,000 events, the whole program from bytes in to lines out, on
 * one core and on two, with log sources and without, beside the best engine that we know.
 */
import { join } from 'node:path';
import { loadRules } from '../../detections/index.ts';
import { corpusPath } from '../corpus.ts';
import { evaluatedPerEvent, growth } from './match-growth.ts';
import { type MatchInput, matchInputs } from './match-inputs.ts';
import { onOneCore, TIMES } from './match-one-core.ts';
import { type Bench, type BenchResult, repeat } from './measure.ts';
import { rsigmaArguments, rsigmaProgram } from './rsigma.ts';
import { type Cost, wholeProgram } from './whole-program.ts';

const VIGIA = join(import.meta.dirname, '..', '..', 'bin', 'vigia');
const FOLDERS = [
  'rules',
  'rules-emerging-threats',
  'rules-threat-hunting',
  'rules-compliance',
  'rules-placeholder',
].map((folder) => corpusPath('sigma', 'rules', folder));

export const match: Bench = async (options): Promise<BenchResult> => {
  const inputs = await matchInputs(options.say);
  const rsigma = rsigmaProgram(options.say);
  const measured = await repeat('match', options, async () => {
    const figures: Record<string, number> = {};
    for (const input of inputs) Object.assign(figures, await measure(input, rsigma));
    return figures;
  });
  const rules = loadRules(FOLDERS).rules.filter((rule) => rule.kind === 'rule');
  const figures = { ...measured.figures };
  for (const { name, path } of inputs) {
    const { median, p95 } = evaluatedPerEvent(rules, path);
    figures[`${name}: rules evaluated per event, median`] = median;
    figures[`${name}: the same, p95`] = p95;
    for (const { rules: size, microsecondsPerEvent } of growth(rules, path))
      figures[`${name}: microseconds per event with ${size} rules`] = microsecondsPerEvent;
  }
  return { ...measured, figures };
};

async function measure(
  { name, path }: MatchInput,
  rsigma: string | undefined,
): Promise<Record<string, number>> {
  const one = await vigia([path]);
  const unrouted = await vigia([path], '--no-routing');
  const long = new Array<string>(TIMES).fill(path);
  const alone = await vigia(long);
  const two = await vigia(long, '--threads', '2');
  const figures: Record<string, number> = {
    'load ms': one.loadMs,
    [`${name}: matches`]: one.lines,
    [`${name}: matching events/s, one thread`]: one.eventsPerS,
    [`${name}: whole program s`]: round(one.wallS),
    [`${name}: whole program CPU s`]: round(one.cpuS),
    [`${name}: memory MB`]: Math.round(one.peakMb),
    [`${name}: without routing, matches`]: unrouted.lines,
    [`${name}: without routing, events/s`]: unrouted.eventsPerS,
    [`${name}, ${TIMES} times: events/s, one thread`]: alone.eventsPerS,
    [`${name}, ${TIMES} times: events/s, two threads`]: two.eventsPerS,
    [`${name}, ${TIMES} times: two threads to one`]: ratio(two.eventsPerS, alone.eventsPerS),
    [`${name}, ${TIMES} times: memory MB, two threads`]: Math.round(two.peakMb),
  };
  const core = await onOneCore(
    name,
    { program: VIGIA, argumentsFor: (input) => vigiaArguments([input]) },
    rsigma === undefined
      ? undefined
      : { program: rsigma, argumentsFor: (input) => rsigmaArguments(FOLDERS, input) },
    path,
  );
  // A program of one thread uses a part of the second core, too: its compiler and its collector of garbage work there.
  figures[`${name}, ${TIMES} times: two cores to one core, by the clock`] = ratio(
    core[`${name}, one core: ${TIMES} times, s`]!,
    two.wallS,
  );
  if (rsigma === undefined) return { ...figures, ...core };
  const args = rsigmaArguments(FOLDERS, path);
  const peer = await wholeProgram(rsigma, args);
  // What this machine gives two busy processes over one: threads cannot give more.
  const pair = await Promise.all([wholeProgram(rsigma, args), wholeProgram(rsigma, args)]);
  return {
    ...figures,
    ...core,
    [`${name}: rsigma matches`]: peer.lines,
    [`${name}: rsigma whole program s`]: round(peer.wallS),
    [`${name}: rsigma whole program CPU s`]: round(peer.cpuS),
    [`${name}: rsigma memory MB`]: Math.round(peer.peakMb),
    [`${name}: two rsigma processes to one`]: ratio(
      2 * peer.wallS,
      Math.max(...pair.map(({ wallS }) => wallS)),
    ),
    [`${name}: times as fast as rsigma, by the clock`]: ratio(peer.wallS, one.wallS),
    [`${name}: times as fast as rsigma, by CPU`]: ratio(peer.cpuS, one.cpuS),
  };
}

const vigiaArguments = (inputs: readonly string[], ...more: string[]): string[] => [
  'match',
  ...FOLDERS.flatMap((folder) => ['--rules', folder]),
  '--stats',
  ...more,
  ...inputs,
];

async function vigia(
  inputs: readonly string[],
  ...more: string[]
): Promise<Cost & { loadMs: number; eventsPerS: number }> {
  const cost = await wholeProgram(VIGIA, vigiaArguments(inputs, ...more));
  const stats = /refused in (\d+) ms;.* (\d+) events\/s/.exec(cost.stderr);
  if (!stats) throw new Error(`no figures in: ${cost.stderr.slice(-300)}`);
  return { ...cost, loadMs: Number(stats[1]), eventsPerS: Number(stats[2]) };
}

const round = (value: number): number => Math.round(value * 100) / 100;
const ratio = (left: number, right: number): number => round(left / right);
