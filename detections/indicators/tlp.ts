/** Sharing labels of the Traffic Light Protocol, in the words of version 2. */

const LABELS = ['RED', 'AMBER+STRICT', 'AMBER', 'GREEN', 'CLEAR'];

/** `tlp:green`, `TLP:WHITE`, `amber` → `TLP:GREEN`, `TLP:CLEAR`, `TLP:AMBER`; undefined for anything else. */
export function tlpOf(text: string): string | undefined {
  const label = text
    .trim()
    .toUpperCase()
    .replace(/^TLP:/, '')
    .replace(/^WHITE$/, 'CLEAR');
  return LABELS.includes(label) ? `TLP:${label}` : undefined;
}
