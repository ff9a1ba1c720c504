/** Bench `match`: all active public rules over the recorded events, bytes in to lines out, one core. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { buildEngine, lineWriter, loadRules, matchLines } from '../../detections/index.ts';
import { corpusPath } from '../corpus.ts';
import { type Bench, repeat } from './measure.ts';

const FOLDERS = [
  'rules',
  'rules-emerging-threats',
  'rules-threat-hunting',
  'rules-compliance',
  'rules-placeholder',
];

export const match: Bench = (options) =>
  repeat('match', options, async () => {
    const started = performance.now();
    const loaded = loadRules(FOLDERS.map((folder) => corpusPath('sigma', 'rules', folder)));
    const engine = buildEngine(loaded.rules);
    const loadMs = performance.now() - started;
    const bytes = gunzipSync(readFileSync(corpusPath('bench', 'events.jsonl.gz')));
    const write = lineWriter(engine, 'events.jsonl');
    const matching = performance.now();
    const { events, found } = matchLines(engine, bytes);
    let out = 0;
    for (let at = 0; at < found.length; at += 2) out += write(found[at]!, found[at + 1]!).length;
    const matches = found.length / 2;
    const seconds = (performance.now() - matching) / 1_000;
    const { met } = engine.stats();
    return {
      rules: loaded.rules.length,
      refused: loaded.refused.length,
      'load ms': Math.round(loadMs),
      events,
      matches,
      'output bytes': out,
      'events/s': Math.round(events / seconds),
      'rules met per event': Math.round((met / events) * 10) / 10,
      'memory MB': Math.round(process.memoryUsage().rss / 1_048_576),
    };
  });
