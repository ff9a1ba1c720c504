/** Reads the audit trail against its key and the heads kept outside the store, and names what was changed. */
import { timingSafeEqual } from 'node:crypto';
import { type AuditOptions, type Head, ofWriter, START, sign } from './audit.ts';
import type { AuditEntry } from './documents.ts';
import type { DocumentStore } from './store.ts';

export interface AuditProblem {
  writer: string;
  sequence: number;
  problem: 'missing' | 'altered' | 'broken-link' | 'cut-off';
  explanation: string;
}

export interface AuditReport {
  chains: { writer: string; entries: number; last: number }[];
  /** Per chain the first thing wrong; empty when all is as written. */
  problems: AuditProblem[];
}

/** Reads every chain from its start and names the first thing wrong in each. */
export async function verifyAudit({
  documents,
  key,
  heads,
}: Pick<AuditOptions, 'documents' | 'key' | 'heads'>): Promise<AuditReport> {
  const kept = await heads.read();
  const counts = await documents.aggregate('audit', { groupBy: ['writer'], measure: { kind: 'count' } });
  const writers = [...new Set([...counts.map((bucket) => bucket.key[0] ?? ''), ...Object.keys(kept)])].sort();
  const report: AuditReport = { chains: [], problems: [] };
  for (const writer of writers) {
    const { chain, problem } = await verifyChain(documents, writer, key, kept[writer]);
    report.chains.push(chain);
    if (problem) report.problems.push(problem);
  }
  return report;
}

async function verifyChain(
  documents: DocumentStore,
  writer: string,
  key: Uint8Array,
  kept: Head | undefined,
) {
  let before: Head = { sequence: 0, hash: START };
  let entries = 0;
  let problem: AuditProblem | undefined;
  const wrong = (sequence: number, kind: AuditProblem['problem'], explanation: string) => {
    problem ??= { writer, sequence, problem: kind, explanation };
  };
  let after: string | undefined;
  do {
    const page = await documents.find('audit', {
      where: ofWriter(writer),
      sort: ['sequence'],
      size: 1_000,
      ...(after === undefined ? {} : { after }),
    });
    for (const { body } of page.found) {
      entries++;
      const expected = before.sequence + 1;
      if (body.sequence > expected)
        wrong(
          expected,
          'missing',
          `entry ${expected} of ${writer} is missing; the next one there is ${body.sequence}`,
        );
      else if (!isSigned(body, key))
        wrong(body.sequence, 'altered', `entry ${body.sequence} of ${writer} is not what was written`);
      else if (body.sequence < expected || body.previous !== before.hash)
        wrong(
          body.sequence,
          'broken-link',
          `entry ${body.sequence} of ${writer} does not follow entry ${before.sequence}`,
        );
      if (kept?.sequence === body.sequence && kept.hash !== body.hash)
        wrong(
          body.sequence,
          'altered',
          `entry ${body.sequence} of ${writer} differs from the head kept outside the store`,
        );
      before = { sequence: body.sequence, hash: body.hash };
    }
    after = page.next;
  } while (after !== undefined);
  if (kept && kept.sequence > before.sequence)
    wrong(
      before.sequence + 1,
      'cut-off',
      `the chain of ${writer} ends at ${before.sequence}; ${kept.sequence} entries were written`,
    );
  return { chain: { writer, entries, last: before.sequence }, problem };
}

function isSigned(entry: AuditEntry, key: Uint8Array): boolean {
  const expected = Buffer.from(sign(entry, key));
  const actual = Buffer.from(String(entry.hash));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
