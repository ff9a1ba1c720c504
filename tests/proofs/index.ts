/** The long proofs, by name; `npm test` runs each in a short form. */

import { accessCrash } from './access-crash.ts';
import { collection } from './collection.ts';
import { containAccountCrash } from './contain-account-crash.ts';
import { correlation } from './correlation.ts';
import { equalAnswers } from './equal-answers.ts';
import { fuzz } from './fuzz.ts';
import { ingestKill } from './ingest-kill.ts';
import type { Proof } from './proof.ts';
import { storeOutage } from './store-outage.ts';

export const proofs: Readonly<Record<string, Proof>> = {
  collection,
  'ingest-kill': ingestKill,
  'store-outage': storeOutage,
  correlation,
  fuzz,
  'contain-account-crash': containAccountCrash,
  'access-crash': accessCrash,
  'equal-answers': equalAnswers,
};
