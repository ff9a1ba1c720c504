/** The door for offline matching: what `vigia match` needs, without the parts that a service has besides (45 ms for each thread). */
export { type Explained, type Explanation, explain } from './engine/explain.ts';
export type { Loaded } from './engine/load.ts';
export { buildEngine, type Engine } from './engine/match.ts';
export type { DetectionRule } from './engine/rule.ts';
export { type InputRecord, lineWriter, matchItems, matchLines, type Piece, readLine } from './match-file.ts';
export { loadRules } from './own-rules.ts';
