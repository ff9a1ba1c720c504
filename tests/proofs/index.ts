/** The long proofs, by name; `npm test` runs each in a short form. */
import { accessCrash } from './access-crash.ts';
import { auditd } from './auditd.ts';
import { collection } from './collection.ts';
import { connections } from './connections.ts';
import { correlation } from './correlation.ts';
import { equalAnswers } from './equal-answers.ts';
import { evtx } from './evtx.ts';
import { fuzz } from './fuzz.ts';
import { fuzzCovered } from './fuzz-covered.ts';
import { ingestKill } from './ingest-kill.ts';
import { manyRuns } from './many-runs.ts';
import { playbooksProof } from './playbooks/playbooks.ts';
import type { Proof } from './proof.ts';
import { storeOutage } from './store-outage.ts';
import { topicKill } from './topic-kill.ts';

export const proofs: Readonly<Record<string, Proof>> = {
  collection,
  'ingest-kill': ingestKill,
  'store-outage': storeOutage,
  connections,
  'topic-kill': topicKill,
  correlation,
  fuzz,
  'fuzz-covered': fuzzCovered,
  evtx,
  auditd,
  playbooks: playbooksProof,
  'many-runs': manyRuns,
  /** The first of them, by itself. */
  'contain-account-crash': (options) => playbooksProof({ ...options, only: ['contain-account'] }),
  'access-crash': accessCrash,
  'equal-answers': equalAnswers,
};
