/** The worker thread of `vigia match`: gets the rules once, then batches; answers with numbers. */
import { parentPort, workerData } from 'node:worker_threads';
import { buildEngine } from '../../detections/index.ts';
import type { Batch } from './batches.ts';
import { runBatch } from './run-batch.ts';
import { type Handed, received } from './threads.ts';

const { rules, routing } = workerData as Handed;
const engine = buildEngine(received(rules));

parentPort!.on('message', (batch: Batch) => {
  parentPort!.postMessage(runBatch(engine, batch, { routing }));
});
