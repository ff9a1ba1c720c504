/**
 * A day in a row of collecting processes: each takes its sources' events in order, as fast as one core allows, and queues what
 * is left. Finds how many processes keep up: the ordinary minutes without a queue, a flood drained soon.
 */
import { dayCurve, floodOf, MINUTES, sourceRates } from './day.ts';

export interface Load {
  sources: number;
  eventsPerS: number;
  /** What one process delivers and matches on one core. */
  perProcess: number;
}

export interface Day {
  processes: number;
  /** The longest that a record waited, without the flood and its aftermath. */
  ordinaryLagS: number;
  /** The longest that a record of the flooding source's process waited. */
  floodLagS: number;
  /** From the beginning of the flood until nothing waits. */
  drainedMinutes: number;
  /** Share of all its cores' time that is used. */
  busy: number;
}

/** A process is filled to this share in the busiest minute of an ordinary day. */
const FULL = 0.7;

export function processesFor(load: Load): Day {
  const peak = Math.max(...dayCurve());
  const largest = sourceRates(load.sources, load.eventsPerS)[0]!;
  if (largest * peak > load.perProcess * FULL)
    throw new Error('one source alone is more than a process: split it');
  let processes = Math.max(1, Math.ceil((load.eventsPerS * peak) / (load.perProcess * FULL)));
  for (; ; processes++) {
    const day = simulate(load, processes);
    if (day.ordinaryLagS < 1) return day;
  }
}

/** The largest source floods. */
export function simulate({ sources, eventsPerS, perProcess }: Load, processes: number): Day {
  const groups = spread(sourceRates(sources, eventsPerS), processes);
  const curve = dayCurve();
  const day: Day = { processes, ordinaryLagS: 0, floodLagS: 0, drainedMinutes: 0, busy: 0 };
  let used = 0;
  for (const [number, { total, largest }] of groups.entries()) {
    let waiting = 0;
    let floodAt = -1;
    for (let minute = 0; minute < MINUTES; minute++) {
      const flood = number === 0 ? floodOf(minute) : 1;
      if (flood > 1 && floodAt < 0) floodAt = minute;
      const arriving = (total + largest * (flood - 1)) * curve[minute]! * 60;
      const taken = Math.min(waiting + arriving, perProcess * 60);
      waiting += arriving - taken;
      used += taken;
      const lagS = waiting / perProcess;
      if (floodAt < 0) day.ordinaryLagS = Math.max(day.ordinaryLagS, lagS);
      else {
        day.floodLagS = Math.max(day.floodLagS, lagS);
        if (waiting > 0) day.drainedMinutes = minute - floodAt + 1;
      }
    }
  }
  day.busy = used / (perProcess * 60 * MINUTES * processes);
  return day;
}

/** A source is never split. The largest goes to whoever has least; the first group holds the largest of all. */
function spread(rates: readonly number[], processes: number): { total: number; largest: number }[] {
  const groups = Array.from({ length: processes }, () => ({ total: 0, largest: 0 }));
  for (const rate of rates) {
    const least = groups.reduce((best, one) => (one.total < best.total ? one : best));
    least.largest = Math.max(least.largest, rate);
    least.total += rate;
  }
  return groups;
}
