/**
 * Proof `fuzz-covered`: every collector on records that grow from those which reached code that none had reached before. Ten minutes for each
 * at full size; `--only linux-audit,netbackup` takes those collectors.
 */
import type { Collector } from '../../collectors/collector.ts';
import { collectors } from '../../collectors/index.ts';
import { type Random, seeded } from '../reference/random.ts';
import { type Coverage, startCoverage } from './coverage.ts';
import { fuzzContext, holds } from './fuzz.ts';
import { seeds, TEMPTING } from './fuzz-inputs.ts';
import type { Proof } from './proof.ts';

const MINUTES = 10;
/** Asking what ran takes milliseconds, a record far less: so many are tried before it is asked. */
const AT_ONCE = 50;
const LONGEST = 8_192;
const SEEDS = 60;

export const fuzzCovered: Proof = async ({ scale, only, say }) => {
  const seed = Number(process.env['VIGIA_SEED'] ?? Date.now() % 1_000_000);
  const result = { proof: 'fuzz-covered', cases: 0, lost: 0, doubled: 0, failed: 0 };
  const [from, random] = [seeds(), seeded(seed)];
  const coverage = await startCoverage((path) => /\/(?:collectors|core)\//.test(path));
  let kept = 0;
  for (const collector of collectors) {
    if (only !== undefined && !only.includes(collector.id)) continue;
    const one = await fuzzOne(collector, from, { coverage, random, ms: scale * MINUTES * 60_000 });
    say(
      `${collector.id}: ${one.tried} records, ${one.kept} reached something new, ${one.failures.length} failed`,
    );
    for (const failure of one.failures) say(failure);
    result.cases += one.tried;
    result.failed += one.failures.length;
    kept += one.kept;
  }
  await coverage.stop();
  return { ...result, more: { seed, 'records that reached something new': kept } };
};

interface Means {
  coverage: Coverage;
  random: Random;
  /** Of the processor. */
  ms: number;
}

async function fuzzOne(collector: Collector, from: readonly string[], { coverage, random, ms }: Means) {
  const found = { tried: 0, kept: 0, failures: [] as string[] };
  const taken = (text: string) => 'event' in collector.normalise(Buffer.from(text), fuzzContext);
  const own = from.filter(taken).slice(0, SEEDS);
  const pool: Buffer[] = (own.length > 0 ? own : from.slice(0, SEEDS)).map((text) => Buffer.from(text));
  const attempt = (raw: Uint8Array): void => {
    try {
      holds(collector, raw);
    } catch (cause) {
      // The first says it; the rest of a fault would fill the screen.
      if (found.failures.length < 5)
        found.failures.push(
          `${collector.id}: ${(cause as Error).message}: ${Buffer.from(raw).toString('base64')}`,
        );
    }
  };
  pool.forEach(attempt);
  await coverage.isNew(true);
  const started = process.cpuUsage();
  const spentMs = () => {
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1_000;
  };
  while (spentMs() < ms && found.failures.length < 5) {
    const batch = Array.from({ length: AT_ONCE }, () => grown(pool, random));
    batch.forEach(attempt);
    found.tried += batch.length;
    if (!(await coverage.isNew(false))) continue;
    // Which of them it was.
    for (const raw of batch) {
      attempt(raw);
      if (!(await coverage.isNew(true))) continue;
      pool.push(raw);
      found.kept += 1;
    }
  }
  return found;
}

/** A record of the pool, changed a few times. */
function grown(pool: readonly Buffer[], random: Random): Buffer {
  let raw: Buffer = Buffer.from(random.pick(pool));
  for (let changes = 1 + random.below(4); changes > 0; changes--) raw = changed(raw, pool, random);
  return raw.subarray(0, LONGEST);
}

function changed(raw: Buffer, pool: readonly Buffer[], random: Random): Buffer {
  const [a, b] = [random.below(raw.length + 1), random.below(raw.length + 1)].sort((x, y) => x - y) as [
    number,
    number,
  ];
  const other = random.pick(pool);
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([raw.subarray(0, a), Buffer.from(random.pick(TEMPTING)), raw.subarray(b)]);
    case 1:
      return Buffer.concat([raw.subarray(0, a), Buffer.from(random.pick(TEMPTING)), raw.subarray(a)]);
    case 2:
      return Buffer.concat([raw.subarray(0, a), raw.subarray(b)]);
    case 3:
      return Buffer.concat([raw.subarray(0, b), raw.subarray(a)]);
    case 4:
      return Buffer.concat([raw.subarray(0, a), other.subarray(random.below(other.length + 1))]);
    default:
      if (a < raw.length) raw[a] = random.below(256);
      return raw;
  }
}
