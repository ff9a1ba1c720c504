/**
 * Proves on real targets that every shipped flow, and the undoing of it, survives SIGKILL, and SIGSTOP for longer than its
 * lease, before and after every journal write and every call on a target: what the targets' own logs count happened at most
 * once, no receipt and no answer is lost, and at the end the targets show what the flow promises, or what was so before.
 */
import { openElasticsearch } from '../../../store/elasticsearch/open.ts';
import { startElasticsearch } from '../../testbed/elasticsearch.ts';
import type { Proof } from '../proof.ts';
import { openBeds } from './beds.ts';
import { type CrashCase, crashCases } from './cases.ts';
import { stories } from './stories.ts';
import type { Story } from './story.ts';

interface Part {
  readonly story: Story;
  readonly how: 'kill' | 'stop';
  readonly phase: 'run' | 'undo';
}

const parts: readonly Part[] = stories.flatMap((story) =>
  (['kill', 'stop'] as const).flatMap((how) =>
    (['run', 'undo'] as const).map((phase) => ({ story, how, phase })),
  ),
);

/** `contain-account/kill/undo`: whole, or as far as somebody wrote it. */
const isNamed = ({ story, how, phase }: Part, name: string): boolean =>
  `${story.flow}/${how}/${phase}/`.startsWith(`${name}/`);

/**
 * Processes are killed on the embedded store; they sleep on an Elasticsearch, which they share with the one that goes on.
 * `--only contain-account/kill,contain-host` plays these parts, for who has less than hours.
 */
export const playbooksProof: Proof = async ({ scale, stores, only, say }) => {
  const chosen = parts.filter(
    (part) =>
      (only?.some((name) => isNamed(part, name)) ?? true) &&
      stores.includes(part.how === 'kill' ? 'embedded' : 'elasticsearch'),
  );
  if (chosen.length === 0)
    throw new Error(
      `no such part; there are FLOW, FLOW/kill, FLOW/stop, FLOW/kill/undo …, and FLOW is one of ${stories.map(({ flow }) => flow).join(', ')}`,
    );
  const every = Math.max(1, Math.round(1 / scale));
  const beds = openBeds();
  const elasticsearch = chosen.some(({ how }) => how === 'stop') ? await startElasticsearch() : undefined;
  const shared = elasticsearch && { url: elasticsearch.url, prefix: 'vigia-proof' };
  const all: CrashCase[] = [];
  const points: Record<string, number> = {};
  try {
    if (shared) {
      const store = await openElasticsearch({ nodes: shared.url, prefix: shared.prefix });
      await store.migrate();
      await store.close();
    }
    for (const { story, how, phase } of chosen) {
      const where = how === 'stop' && shared ? { elasticsearch: shared } : {};
      const hear = (one: CrashCase) => say(`${story.flow}\t${how}\t${phase}\t${line(one)}`);
      const played = await crashCases(story, beds, { how, phase, every, hear, ...where });
      say(`${story.flow}\t${how}\t${phase}\t${played.points} points`);
      all.push(...played.cases);
      points[`cut points of ${story.flow}${phase === 'undo' ? ', undone' : ''}`] = played.points;
    }
    return {
      proof: 'playbooks',
      cases: all.length,
      lost: all.reduce((sum, { lost }) => sum + lost, 0),
      doubled: all.reduce((sum, { doubled }) => sum + doubled, 0),
      failed: all.filter(({ left }) => left.length > 0).length,
      more: { 'cut points': Object.values(points).reduce((sum, one) => sum + one, 0), ...points },
    };
  } finally {
    await Promise.all([beds.close(), elasticsearch?.stop()]);
  }
};

const line = ({ cutAt, point, changes, lost, doubled, left }: CrashCase): string =>
  `${cutAt}\t${point || 'undisturbed'}\tchanges ${Object.values(changes).join(' ')}\tlost ${lost}\tdoubled ${doubled}\t${left.join(', ') || 'as promised'}`;
