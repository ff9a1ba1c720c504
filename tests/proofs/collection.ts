/**
 * Proof `collection`: every fault that we can make, on every store where it applies. The records come from a generator that
 * knows nothing of Vigia, and are counted by content in the store afterwards.
 */
import { table } from '../../cli/print.ts';
import { faults } from './faults/index.ts';
import { type MatrixRow, writeRows } from './matrix-table.ts';
import type { Proof } from './proof.ts';
import { killVictims } from './victim.ts';

const EVENTS = 1_000_000;
const SHORT_BELOW = 100_000;

export const collection: Proof = async ({
  scale,
  events = Math.round(EVENTS * scale),
  only,
  stores,
  write,
  say,
}) => {
  const result = {
    proof: 'collection',
    cases: 0,
    lost: 0,
    doubled: 0,
    failed: 0,
    more: { events } as Record<string, number | string>,
  };
  const rows: (string | number)[][] = [];
  const ended: MatrixRow[] = [];
  for (const [id, fault] of Object.entries(faults)) {
    if (only && !only.includes(id)) continue;
    const reason = await fault.cannot?.();
    for (const store of stores.filter((one) => fault.stores.includes(one))) {
      const row = (...rest: (string | number)[]) => rows.push([fault.name, fault.sources, store, ...rest]);
      if (reason !== undefined) {
        row('not made here', '', '', '', reason);
        continue;
      }
      say(`${store}: ${fault.name} …`);
      const started = performance.now();
      try {
        const {
          times,
          lost,
          doubled,
          failed,
          note = '',
        } = await fault.run({
          store,
          events,
          isShort: events < SHORT_BELOW,
          say,
        });
        result.cases += 1;
        result.lost += lost;
        result.doubled += doubled;
        result.failed += failed;
        row(times, lost, doubled, failed, note);
        const { name, sources } = fault;
        ended.push({
          fault: name,
          sources,
          store,
          records: events,
          times,
          lost,
          doubled,
          wrong: failed,
          note,
        });
        // At once: a run may be cut off before its end.
        if (write !== undefined)
          writeRows(
            write,
            ended,
            Object.values(faults).map((one) => one.name),
          );
      } catch (cause) {
        result.failed += 1;
        const { message } = cause as Error;
        say(message);
        row('', '', '', 1, `did not end: ${message.split('\n', 1)[0]}`);
      } finally {
        killVictims();
      }
      say(
        `${store}: ${rows.at(-1)!.slice(3).join(' · ')} in ${Math.round((performance.now() - started) / 1_000)} s`,
      );
    }
  }
  say(`\n${table(['FAULT', 'SOURCES', 'STORE', 'TIMES', 'LOST', 'DOUBLED', 'WRONG', ''], rows)}\n`);
  return result;
};
