/** Names that all of Windows shares for levels, opcodes and keywords; publishers add their own in DLLs. */
import { type Value, wholeNumber } from './xml.ts';

const levels = ['information', 'critical', 'error', 'warning', 'information', 'verbose'];
const opcodes = [
  'Info',
  'Start',
  'Stop',
  'DCStart',
  'DCStop',
  'Extension',
  'Reply',
  'Resume',
  'Suspend',
  'Send',
];
const keywords: readonly (readonly [bigint, string])[] = [
  [1n << 48n, 'Response Time'],
  [1n << 50n, 'WDI Diag'],
  [1n << 51n, 'SQM'],
  [1n << 52n, 'Audit Failure'],
  [1n << 53n, 'Audit Success'],
  [1n << 54n, 'Correlation Hint'],
  [1n << 55n, 'Classic'],
];

/** What goes to `log.level`: Windows shows "log always" (0) as information too. */
export function levelName(level: Value | undefined): string | undefined {
  return levels[wholeNumber(level) ?? -1];
}

/** `Info`, `Start`, `Stop` …; nothing for an opcode of the publisher's own. */
export function opcodeName(opcode: Value): string | undefined {
  return opcodes[wholeNumber(opcode) ?? -1];
}

/** The names of the bits in a mask such as `0x8020000000000000`; nothing when no bit has a shared name. */
export function keywordNames(mask: Value): string[] | undefined {
  const text = String(mask);
  if (!/^0x[0-9a-f]{1,16}$/i.test(text)) return undefined;
  const bits = BigInt(text);
  const names = keywords.filter(([bit]) => (bits & bit) !== 0n).map(([, name]) => name);
  return names.length > 0 ? names : undefined;
}
