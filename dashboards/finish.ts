/** The last pass over generated JSON: what the SDK leaves undone, and an order of keys that never changes. */

/** Sorted keys, nothing undefined, a newline at the end. */
export function finish(built: object): string {
  return `${JSON.stringify(tidy(built), null, 2)}\n`;
}

function tidy(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(tidy);
  if (typeof node !== 'object' || node === null) return node;
  const sorted = Object.entries(node)
    // Links and annotations would hide in a menu by the SDK's default.
    .filter(([key, value]) => value !== undefined && !(key === 'placement' && value === 'inControlsMenu'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, value]) => [key, tidy(value)]));
}
