/** The worker thread of `vigia match`: loads the rules once, then takes batches; answers with numbers. */
import { parentPort, workerData } from 'node:worker_threads';
import { buildEngine, loadRules } from '../../detections/matching.ts';
import type { Batch } from './batches.ts';
import { runBatch } from './run-batch.ts';
import { type Answer, fingerprint, type RulesToLoad } from './threads.ts';

const { paths, placeholders, routing } = workerData as RulesToLoad;
const engine = buildEngine(loadRules(paths, { placeholders }).rules);
const answer = (one: Answer) => parentPort!.postMessage(one);

answer({ rules: fingerprint(engine) });
parentPort!.on('message', (batch: Batch) => answer(runBatch(engine, batch, { routing })));
