/** All checks of the gate for our own rules; each is one file. */
import { attackTags } from './attack-tags.ts';
import type { Check } from './check.ts';
import { falsePositives } from './false-positives.ts';
import { fileName } from './file-name.ts';
import { hasCases } from './has-cases.ts';
import { notCaught } from './not-caught.ts';
import { runbook } from './runbook.ts';
import { stated } from './stated.ts';

export const checks: readonly Check[] = [
  attackTags,
  falsePositives,
  fileName,
  hasCases,
  notCaught,
  runbook,
  stated,
];
