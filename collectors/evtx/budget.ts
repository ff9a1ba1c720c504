/** How much work one chunk or record may cause: 64 KiB of hostile bytes can describe gigabytes of XML. */
import { Malformed } from './cursor.ts';

/** Nesting of elements, templates and embedded fragments. The deepest of 12,278 real records needs 7. */
export const maxDepth = 48;

/**
 * One unit is one node, character or byte of a value. Real records take up to 70,270, real chunks 155,119
 * (the 12,278 records of the corpus).
 */
export const recordUnits = 1 << 20;
export const chunkUnits = 4 << 20;

/** What is left to spend, for the record and for its chunk. */
export interface Budget {
  record: number;
  chunk: number;
}

/** Pays for work; stops the record when it costs more than any real one. */
export function spend(budget: Budget, units: number, at: number): void {
  budget.record -= units;
  budget.chunk -= units;
  if (budget.record < 0) throw new Malformed(`the record expands to more than ${recordUnits} units`, at);
  if (budget.chunk < 0) throw new Malformed(`the chunk expands to more than ${chunkUnits} units`, at);
}

/** Stops nesting that no real log has. */
export function checkDepth(depth: number, at: number): void {
  if (depth > maxDepth) throw new Malformed(`nested more than ${maxDepth} levels deep`, at);
}
