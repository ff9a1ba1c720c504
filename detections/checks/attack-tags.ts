/** Rules say which ATT&CK techniques they detect, with tags that exist. */
import { didYouMean } from '../../core/suggest.ts';
import { dataFolder, readData } from '../engine/data.ts';
import { type Check, problemAt } from './check.ts';

let known: Set<string> | undefined;
const knownTags = (): Set<string> =>
  (known ??= new Set(
    (readData(dataFolder('attack'))[0]!.value as { tags: string[] }).tags.map(
      (tag) => `attack.${tag.toLowerCase()}`,
    ),
  ));

export const attackTags: Check = {
  id: 'attack-tags',
  summary: 'Every rule has at least one ATT&CK technique, and only tags that exist.',
  severity: 'error',
  check({ rule }) {
    const wrong = rule.tags.flatMap((tag, index) =>
      tag.startsWith('attack.') && !knownTags().has(tag)
        ? [
            problemAt(
              rule,
              ['tags', index],
              `unknown ATT&CK tag ${tag}`,
              didYouMean(tag, knownTags()) ?? 'see detections/attack/tags.yml',
            ),
          ]
        : [],
    );
    if (!rule.tags.some((tag) => /^attack\.t\d{4}/.test(tag))) {
      wrong.push(
        problemAt(rule, ['tags'], 'the rule names no ATT&CK technique', 'add for example attack.t1110.003'),
      );
    }
    return wrong;
  },
};
