/** A story for each shipped flow; a test compares the list with the files. */
import { breakGlassReview } from './break-glass-review.ts';
import { containAccount } from './contain-account.ts';
import { containHost } from './contain-host.ts';
import { patchEmergency, patchWave } from './patching.ts';
import { ransomware } from './ransomware.ts';
import type { Story } from './story.ts';

export const stories: readonly Story[] = [
  breakGlassReview,
  containAccount,
  containHost,
  patchEmergency,
  patchWave,
  ransomware,
];
