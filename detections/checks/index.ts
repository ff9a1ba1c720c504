/** All checks of the gate for our own rules; each is one file. */
import { attackTags } from './attack-tags.ts';
import type { Check } from './check.ts';
import { falsePositives } from './false-positives.ts';
import { fileName } from './file-name.ts';
import { hasCases } from './has-cases.ts';
import { invisible } from './invisible.ts';
import { nearMiss } from './near-miss.ts';
import { notCaught } from './not-caught.ts';
import { related } from './related.ts';
import { retired } from './retired.ts';
import { runbook } from './runbook.ts';
import { runbookWindow } from './runbook-window.ts';
import { stated } from './stated.ts';
import { title } from './title.ts';
import { unique } from './unique.ts';

export const checks: readonly Check[] = [
  attackTags,
  falsePositives,
  fileName,
  hasCases,
  invisible,
  nearMiss,
  notCaught,
  related,
  retired,
  runbook,
  runbookWindow,
  stated,
  title,
  unique,
];
