/** A story for each shipped flow; a test compares the list with the files. */
import { breakGlassReview } from './break-glass-review.ts';
import { containAccount } from './contain-account.ts';
import { containHost } from './contain-host.ts';
import { dataLeak } from './data-leak.ts';
import { databaseCredential } from './database-credential.ts';
import { patchEmergency, patchWave } from './patching.ts';
import { phishingMailbox } from './phishing-mailbox.ts';
import { ransomware } from './ransomware.ts';
import { revokePrivileges } from './revoke-privileges.ts';
import type { Story } from './story.ts';

export const stories: readonly Story[] = [
  breakGlassReview,
  containAccount,
  containHost,
  dataLeak,
  databaseCredential,
  patchEmergency,
  patchWave,
  phishingMailbox,
  ransomware,
  revokePrivileges,
];
