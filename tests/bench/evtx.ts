/** Bench `evtx`: records a second of one core: read to trees, and made events, over all recordings of the corpus. Budget 25,000 read. */
import { globSync, readFileSync } from 'node:fs';
import { readEvtx } from '../../collectors/evtx/reader.ts';
import { windowsEvtx } from '../../collectors/windows-evtx.ts';
import { corpusPath } from '../corpus.ts';
import { type Bench, repeat } from './measure.ts';

export const evtx: Bench = (options) => {
  const names = globSync('**/*.evtx', { cwd: corpusPath('evtx') });
  const files = names.map((name) => readFileSync(corpusPath('evtx', name)));
  const read = () => files.reduce((sum, file) => sum + [...readEvtx(file)].length, 0);
  const makeEvents = () => {
    let made = 0;
    for (const file of files)
      for (const { raw } of windowsEvtx.framing.records(file))
        if ('event' in windowsEvtx.normalise(raw)) made += 1;
    return made;
  };
  // As a service that runs: compiled.
  read();
  makeEvents();
  return repeat('evtx', options, async () => ({
    records: read(),
    'read per CPU s': perSecond(read),
    'made events per CPU s': perSecond(makeEvents),
  }));
};

function perSecond(work: () => number): number {
  const before = process.cpuUsage();
  const done = work();
  const { user, system } = process.cpuUsage(before);
  return Math.round(done / ((user + system) / 1e6));
}
