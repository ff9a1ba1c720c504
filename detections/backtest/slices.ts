/** Cuts a span of time into slices that are read side by side. */

export interface Slice {
  from: string;
  to: string;
}

/** `count` slices that touch and do not overlap: `from` is inside, `to` is not. */
export function slicesOf({ from, to }: Slice, count: number): Slice[] {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const edges = new Set(
    Array.from({ length: count + 1 }, (_, index) => Math.round(start + ((end - start) * index) / count)),
  );
  const times = [...edges].map((ms) => new Date(ms).toISOString());
  return times.slice(1).map((edge, index) => ({ from: times[index]!, to: edge }));
}
