/**
 * Which events the ledger has counted. An event says which batch of which process wrote it (`vigia.batch`), a batch record
 * says which process published it: where the two agree the event is counted. Where they do not, that process died before it
 * could count, and a later record names the event among those it counted in its place (`recounted`).
 */
import type { BatchRecord, BatchStore } from '../../core/store.ts';

export interface Stamp {
  writer: string;
  number: number;
  /** New in every process. */
  epoch: string;
}

/** As it lies in `vigia.batch`. A writer may hold slashes. */
export const stampText = ({ writer, number, epoch }: Stamp): string => `${writer}/${number}/${epoch}`;

function parseStamp(text: string): Stamp {
  const parts = text.split('/');
  const epoch = parts.pop() ?? '';
  return { epoch, number: Number(parts.pop()), writer: parts.join('/') };
}

/** An event found in the store, with its `vigia.batch`. */
export interface Met {
  id: string;
  batch: string | undefined;
}

export interface CountedEvents {
  /** Ids of those that a published record counts. */
  among(met: readonly Met[]): Promise<ReadonlySet<string>>;
  /** A record was published. */
  add(record: BatchRecord): void;
}

const PAGE = 500;

/** Reads records back to the oldest batch that was asked about, each once; nothing at all while no event is met again. */
export function countedEvents(batches: BatchStore, writer: string, last: number): CountedEvents {
  /** Records of one process in a row, oldest first, up to the last record. */
  let runs: { from: number; to: number; epoch: string | undefined }[] = [];
  let from = last + 1;
  const recounted = new Set<string>();

  function note(record: BatchRecord, into: typeof runs): void {
    for (const id of record.recounted ?? []) recounted.add(id);
    const run = into.at(-1);
    if (run && run.epoch === record.epoch) run.to = record.number;
    else into.push({ from: record.number, to: record.number, epoch: record.epoch });
  }

  async function readBackTo(number: number): Promise<void> {
    const older: typeof runs = [];
    for (let next = number; next < from; ) {
      const page = await batches.follow([{ writer, after: next - 1 }], Math.min(PAGE, from - next));
      for (const record of page) note(record, older);
      if (page.length === 0) break;
      next += page.length;
    }
    runs = [...older, ...runs];
    from = Math.min(from, number);
  }

  function isCounted({ id, batch }: Met): boolean {
    if (batch === undefined) return true;
    const stamp = parseStamp(batch);
    if (stamp.writer !== writer) return true;
    if (recounted.has(id)) return true;
    const run = runs.find((one) => one.from <= stamp.number && stamp.number <= one.to);
    // Records of before name no process; their batches were counted.
    return run !== undefined && (run.epoch === undefined || run.epoch === stamp.epoch);
  }

  return {
    async among(met) {
      const numbers = met.flatMap(({ batch }) => {
        const stamp = batch === undefined ? undefined : parseStamp(batch);
        return stamp?.writer === writer ? [stamp.number] : [];
      });
      await readBackTo(Math.min(from, ...numbers));
      return new Set(met.filter(isCounted).map(({ id }) => id));
    },
    add: (record) => note(record, runs),
  };
}
