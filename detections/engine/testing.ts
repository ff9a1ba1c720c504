/** For tests: an engine from rules written inline as YAML. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Loaded, type LoadOptions, loadRules } from './load.ts';
import { buildEngine } from './match.ts';

/** Loads YAML texts as `0.yml`, `1.yml` … through the ordinary loader. */
export function loadTexts(texts: readonly string[], options: LoadOptions = {}): Loaded {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-rules-'));
  try {
    for (const [index, text] of texts.entries()) writeFileSync(join(folder, `${index}.yml`), text);
    return loadRules([folder], options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A rule around a detection section given as YAML lines. */
export const ruleText = (detection: string, logsource = 'product: linux', title = 'A rule'): string =>
  `title: ${title}\nlogsource:\n  ${logsource}\ndetection:\n${detection.replace(/^/gm, '  ')}\n`;

/** Does the detection match the record? Throws when the rule does not load. */
export function fires(detection: string, record: object, options: LoadOptions = {}): boolean {
  const { rules, refused } = loadTexts([ruleText(detection)], options);
  if (refused.length > 0) throw new Error(refused[0]!.reason);
  return buildEngine(rules).match(record).length === 1;
}

/** Why the detection is refused. */
export function refusal(detection: string): string {
  const { problems, refused } = loadTexts([ruleText(detection)]);
  const [first] = problems;
  return first
    ? `${first.line}:${first.column} ${first.message}${first.hint ? `; ${first.hint}` : ''}`
    : (refused[0]?.reason ?? 'not refused');
}
