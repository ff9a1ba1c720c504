/** How reports write numbers and times in Portuguese. */

/** `1 alerta`, `3 alertas`, `1 204 eventos` */
export const countOf = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('pt-PT')} ${count === 1 ? one : many}`;

/** `22/11/2026 14:05:09 (UTC+00:00)`: local wall time with its distance from UTC, so that it is never ambiguous. */
export function localTime(iso: string, zone: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  }).formatToParts(at);
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  const offset = part['timeZoneName']!.replace('GMT', '') || '+00:00';
  return `${part['day']}/${part['month']}/${part['year']} ${part['hour']}:${part['minute']}:${part['second']} (UTC${offset})`;
}

/** `2026-11-22 14:05:09` */
export const utcTime = (iso: string): string => iso.slice(0, 19).replace('T', ' ');
