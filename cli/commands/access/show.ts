/** `vigia access show`: one access, its journal, and every collected event of what was done with it. */
import type { Use } from '../../../access/index.ts';
import type { Access, JournalEntry } from '../../../core/documents.ts';
import type { Event } from '../../../core/event.ts';
import { type Command, command, wholeNumber } from '../../command.ts';
import { facts, table } from '../../print.ts';
import { describe } from './describe.ts';

const PAGE = 1_000;

interface Shown {
  access: Access;
  journal: JournalEntry[];
  use: Use;
}

export const show: Command = command({
  name: 'access show',
  summary: 'one access: plan, proof, journal, and the sessions and statements while it lasted',
  arguments: '<access>',
  options: [
    {
      flags: '--events <number>',
      summary: 'how many events are listed; the counts are exact',
      default: '100',
    },
  ],
  async run([id], options, context) {
    const api = await context.api();
    const path = `/api/v1/access/${encodeURIComponent(id!)}`;
    const wanted = wholeNumber(options, 'events', 0);
    const found = await api.get<Omit<Shown, 'use'>>(path);
    const events: Event[] = [];
    let use: Use;
    let next: string | undefined;
    do {
      const size = Math.max(1, Math.min(PAGE, wanted - events.length));
      const after = next === undefined ? '' : `&after=${encodeURIComponent(next)}`;
      ({ use } = await api.get<{ use: Use }>(`${path}/use?size=${size}${after}`));
      events.push(...use.events);
      next = use.next;
    } while (next !== undefined && events.length < wanted);
    const shown: Shown = { ...found, use: { ...use, events: events.slice(0, wanted) } };
    return { data: shown, text: textOf(shown) };
  },
});

function textOf({ access, journal, use }: Shown): string {
  const parts = [describe(access)];
  if (use.from !== undefined) {
    parts.push(
      `Collected events of ${access.account} on ${access.system}, ${use.from} to ${use.to}: ${use.count}`,
    );
    if (use.count > 0) {
      parts.push(facts(use.actions.map(({ action, count }) => [action, count] as const)));
      parts.push(table(['TIME (UTC)', 'WHERE', 'DONE', 'WHAT'], use.events.map(rowOf)));
      const more = use.count - use.events.length;
      if (more > 0) parts.push(`${more} more: --events ${use.count}`);
    }
  }
  if (access.recordings.length > 0)
    parts.push(
      table(
        ['RECORDED (UTC)', 'BY', 'BYTES', 'SHA-256', 'FILE'],
        access.recordings.map(({ from, by, bytes, sha256, file }) => [
          from.slice(0, 19),
          by,
          bytes,
          sha256 ?? 'not closed by the gateway',
          file,
        ]),
      ),
    );
  parts.push(
    table(
      ['TIME (UTC)', 'ENTRY', 'BY', 'SAID'],
      journal.map(({ at, entry, by, data }) => [
        at.slice(0, 23),
        entry,
        by,
        data['failure'] ?? data['reason'],
      ]),
    ),
  );
  return parts.join('\n\n');
}

/** The statement or the command where there is one, else what the record says. */
function rowOf(event: Event): string[] {
  const { host, process, message, vigia } = event as {
    host?: { name?: string };
    process?: { command_line?: string };
    message?: string;
    vigia?: { postgresql?: { statement?: string } };
  };
  return [
    event['@timestamp'].slice(0, 23),
    host?.name ?? '',
    String(event.event['action'] ?? event.event.dataset),
    vigia?.postgresql?.statement ?? process?.command_line ?? message ?? '',
  ];
}
