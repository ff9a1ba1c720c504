/** Shows for each record how one rule comes to its verdict: the tree of its condition, with what the record holds. */
import { visible } from '../../core/visible.ts';
import {
  type DetectionRule,
  type Explained,
  type Explanation,
  explain,
  type InputRecord,
  readLine,
} from '../../detections/matching.ts';
import { type Batch, batchesOf, type Format } from './batches.ts';

export interface ExplainedRecord extends Explained {
  input: string;
  record: number;
  rule: string;
}

/** Records that cannot be read are noted and passed over. */
export async function* explainInputs(
  rule: DetectionRule,
  inputs: readonly string[],
  options: { format: Format; routing: boolean },
  note: (line: string) => void,
): AsyncGenerator<ExplainedRecord> {
  let record = 0;
  for await (const batch of batchesOf(inputs, options.format)) {
    if (batch.isFirst) record = 0;
    const { input } = batch;
    for (const item of await itemsOf(batch, note)) {
      record++;
      if ('unreadable' in item) note(`${input}: record ${record}: ${item.unreadable}`);
      else yield { input, record, rule: rule.id, ...explain(rule, item.record, options) };
    }
  }
}

async function itemsOf(batch: Batch, note: (line: string) => void): Promise<Iterable<InputRecord>> {
  if (batch.kind === 'unreadable') return [{ unreadable: batch.reason }];
  if (batch.kind === 'evtx') return (await import('./run-batch.ts')).evtxRecords(batch.input, note);
  const lines = Buffer.from(batch.bytes.buffer).toString('utf8').split('\n');
  return lines.map(readLine).filter((item) => item !== undefined);
}

/** One line for each part, indented; what comes from the record is escaped. */
export function explanationText({ input, record, logSource, matches, condition }: ExplainedRecord): string {
  const verdict = matches ? 'matches' : 'does not match';
  const source = logSource ? '' : ' (the log source is another one: the rule is not evaluated)';
  return [`${visible(input)} record ${record}: ${verdict}${source}`, ...partLines(condition, 1)].join('\n');
}

function partLines({ text, holds, found, parts }: Explanation, depth: number): string[] {
  const values =
    found === undefined ? '' : `  ← ${found.map((value) => visible(JSON.stringify(value))).join(', ')}`;
  const line = `${'  '.repeat(depth)}${holds ? '+' : '-'} ${visible(text)}${values}`;
  return [line, ...(parts ?? []).flatMap((part) => partLines(part, depth + 1))];
}
