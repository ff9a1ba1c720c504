/** `vigia events search`: the hunt. */

import { errors } from '../../core/errors.ts';
import type { Event } from '../../core/event.ts';
import type { InventoryFacts } from '../../core/inventory-facts.ts';
import { command, wholeNumber } from '../command.ts';
import { table } from '../print.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `24h` before now, as ISO; `30m`, `7d`. */
export function since(span: string, nowMs: number): string {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(span) ?? [];
  if (!count || !unit) throw errors.usage(`--last ${span} is no span of time`, 'write 90s, 30m, 24h or 7d');
  return new Date(nowMs - Number(count) * UNITS[unit]!).toISOString();
}

export const eventsSearch = command({
  name: 'events search',
  summary: 'events that a query matches, newest first',
  arguments: '<query>',
  options: [
    { flags: '--last <span>', summary: 'how far back in event time: 30m, 24h, 7d' },
    { flags: '--size <count>', summary: 'at most so many', default: '100' },
  ],
  example: `vigia events search 'host.name:srv-app-07 and event.code:4662' --last 24h`,
  async run([query], options, context) {
    const size = wholeNumber(options, 'size', 1);
    const from = options['last'] ? { from: since(String(options['last']), Date.now()) } : {};
    const api = await context.api();
    const events: Event[] = [];
    const corrections: Record<string, InventoryFacts> = {};
    let after: string | undefined;
    let more = false;
    do {
      const page = await api.post<{
        events: Event[];
        next?: string;
        corrections: Record<string, InventoryFacts>;
      }>('/api/v1/events/search', {
        query,
        size: Math.min(size - events.length, 1_000),
        ...from,
        ...(after ? { after } : {}),
      });
      events.push(...page.events);
      Object.assign(corrections, page.corrections);
      after = page.next;
      more = after !== undefined;
    } while (after && events.length < size);
    if (more) context.note(`more than ${size} events match; ask for more with --size`);
    const row = (event: Event) => [
      event['@timestamp'].slice(0, 23),
      event.host?.name ?? event.vigia?.source?.id,
      event.event.dataset,
      event.event.action,
      event.user?.name,
      event.message ?? event.event.original,
    ];
    const text =
      events.length === 0
        ? 'Nothing matches.'
        : table(['TIME (UTC)', 'HOST', 'DATASET', 'ACTION', 'USER', 'MESSAGE'], events.map(row));
    const corrected = Object.keys(corrections).length;
    if (corrected > 0)
      context.note(
        `of ${corrected} events the inventory says something else today than when they were read; --json shows both`,
      );
    return { data: { events, more, corrections }, text };
  },
});
