/** A process to be killed: appends events to an embedded store for ever and prints how many have been acknowledged. */
import { openEmbedded } from '../../store/embedded/open.ts';
import { sampleEvents } from './samples.ts';

const store = await openEmbedded({ file: process.argv[2]! });
// Several batches at a time, so that the kill meets shared transactions.
for (let start = 0; ; start += 300) {
  await Promise.all(
    [0, 100, 200].map((offset) => store.events.append(sampleEvents(100, {}, start + offset))),
  );
  process.stdout.write(`${start + 300}\n`);
}
