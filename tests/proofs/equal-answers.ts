/**
 * Proof `equal-answers`: the matcher, the reference interpreter, and both stores' narrowed queries with re-check in process give
 * the same matches over the recorded events and all public rules, over generated pairs, and over events made from the rules.
 */
import { startElasticsearch } from '../testbed/elasticsearch.ts';
import { corpusPart } from './equal-answers-corpus.ts';
import { generatedPart } from './equal-answers-generated.ts';
import { openStores } from './equal-answers-stores.ts';
import { synthesisedPart } from './equal-answers-synthesised.ts';
import type { Proof } from './proof.ts';

const PAIRS = 100_000;

export const equalAnswers: Proof = async ({ scale, stores, say }) => {
  const seed = Number(process.env['VIGIA_SEED'] ?? Date.now() % 1_000_000);
  const server = stores.includes('elasticsearch')
    ? await startElasticsearch(scale < 0.5 ? {} : { javaOptions: [] })
    : undefined;
  const asked = await openStores(stores, server?.url);
  try {
    const parts = {
      synthesised: synthesisedPart(Math.min(scale, 1), seed, say),
      generated: await generatedPart(asked, PAIRS * scale, seed, say),
      corpus: await corpusPart(asked, scale, say),
    };
    const all = Object.entries(parts);
    return {
      proof: 'equal-answers',
      cases: all.reduce((sum, [, { pairs }]) => sum + pairs, 0),
      lost: 0,
      doubled: 0,
      failed: all.reduce((sum, [, { differences }]) => sum + differences, 0),
      more: Object.assign(
        {},
        ...all.flatMap(([name, { pairs, matches, more }]) => [
          { [`${name}: pairs`]: pairs, [`${name}: matches`]: matches },
          more,
        ]),
      ) as Record<string, number | string>,
    };
  } finally {
    for (const one of asked) await one.close();
    await server?.stop();
  }
};
