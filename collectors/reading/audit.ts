/**
 * Follows the audit chains in Vigia's own store, each in its order. An entry that is not there yet though later ones are (a store
 * that shows writes late) is waited for; one that stays away was removed, and that is said.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ofWriter } from '../../core/audit.ts';
import type { DocumentStore } from '../../core/store.ts';
import type { RawRecord } from '../collector.ts';
import type { ReadBatch, Reader } from './reader.ts';

export interface AuditReading {
  everyMs: number;
  /** Looks at a gap before it is passed over. */
  patience: number;
}

const PAGE = 500;
const USUAL: AuditReading = { everyMs: 2_000, patience: 15 };

export function auditReader(documents: DocumentStore, { everyMs, patience }: AuditReading = USUAL): Reader {
  return async function* (from, options) {
    const read = new Map<string, number>(
      from && !from.again ? Object.entries(JSON.parse(from.position)) : [],
    );
    const looks = new Map<string, number>();
    while (!options.signal.aborted) {
      let given = 0;
      for (const writer of await writers())
        for (const batch of await pagesOf(writer)) {
          given += batch.records.length;
          yield batch;
        }
      if (options.until === 'end' && given === 0) return;
      if (given === 0) await sleep(everyMs, undefined, { signal: options.signal }).catch(() => undefined);
    }

    async function writers(): Promise<string[]> {
      const buckets = await documents.aggregate('audit', { groupBy: ['writer'], measure: { kind: 'count' } });
      return buckets.flatMap(({ key: [writer] }) => (writer ? [writer] : [])).sort();
    }

    /** At most one page, up to the first gap. */
    async function pagesOf(writer: string): Promise<ReadBatch[]> {
      const last = read.get(writer) ?? 0;
      const { found } = await documents.find('audit', {
        where: { op: 'and', of: [ofWriter(writer), { op: 'range', field: 'sequence', gt: last }] },
        sort: ['sequence'],
        size: PAGE,
      });
      const records: (RawRecord & { generation: number })[] = [];
      let next = last;
      for (const { body } of found) {
        if (body.sequence !== next + 1 && !passesOver(writer, next, body.sequence)) break;
        next = body.sequence;
        const { sequence, at, who, action, target, details, previous, hash } = body;
        // In one order of keys: the event's id is made from these bytes.
        const raw = Buffer.from(
          JSON.stringify({ writer, sequence, at, who, action, target, details, previous, hash }),
        );
        records.push({ raw, position: `${writer}:${sequence}`, generation: 1 });
      }
      if (records.length === 0) return [];
      read.set(writer, next);
      return [{ records, next: { generation: 1, position: JSON.stringify(Object.fromEntries(read)) } }];
    }

    function passesOver(writer: string, last: number, found: number): boolean {
      const seen = (looks.get(writer) ?? 0) + 1;
      looks.set(writer, seen);
      if (seen <= patience && options.until === 'forever') return false;
      looks.delete(writer);
      options.warn(
        `audit entries ${last + 1} to ${found - 1} of ${writer} are missing; "vigia audit verify" says more`,
      );
      return true;
    }
  };
}
