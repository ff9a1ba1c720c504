/** A day of log volume: quiet nights, busy office hours, and one source in a flood; so much in each minute. */

export const MINUTES = 1_440;
/** The busiest hour has three times the mean, as sites with office hours see it. */
const PEAK = 3;
/** An incident or a mistake: for ten minutes in the busiest hour one source writes this many times its usual. */
const FLOOD = 5;
const FLOOD_FROM = 11 * 60;
const FLOOD_MINUTES = 10;

/** Weight of each minute; the mean of all is 1. */
export function dayCurve(): number[] {
  const raw = Array.from({ length: MINUTES }, (_, minute) => {
    const hour = minute / 60;
    // Two bell-shaped working halves around 11 and 15 o'clock over a base load.
    const bell = (at: number, width: number) => Math.exp(-(((hour - at) / width) ** 2));
    return 0.35 + bell(11, 1.8) + 0.9 * bell(15.5, 1.8);
  });
  const mean = raw.reduce((sum, one) => sum + one, 0) / MINUTES;
  const highest = Math.max(...raw) / mean;
  // Stretched so that the highest minute has PEAK times the mean.
  const stretch = (PEAK - 1) / (highest - 1);
  return raw.map((one) => Math.max(0.05, 1 + (one / mean - 1) * stretch));
}

export const floodOf = (minute: number): number =>
  minute >= FLOOD_FROM && minute < FLOOD_FROM + FLOOD_MINUTES ? FLOOD : 1;

/** Events a second of each source at the mean: some talk much, many little; of 10,000 the largest has a two-hundredth. */
export function sourceRates(sources: number, eventsPerS: number): number[] {
  const weights = Array.from({ length: sources }, (_, n) => 1 / Math.sqrt(n + 1));
  const total = weights.reduce((sum, one) => sum + one, 0);
  return weights.map((weight) => (weight / total) * eventsPerS);
}
