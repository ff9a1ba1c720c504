import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../core/event.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import type { EventsDoor } from '../action.ts';
import { evidenceExportSearch } from './evidence-export-search.ts';

const event = (id: string, message = 'logon'): Event =>
  ({
    '@timestamp': '2026-11-28T09:00:00Z',
    message,
    event: { id, hash: 'h', dataset: 'linux.auth', created: '2026-11-28T09:00:01Z' },
  }) as Event;

const door = (events: readonly { id: string; event?: Event }[], unlisted = 0): EventsDoor => ({
  of: (incident) =>
    (async function* () {
      if (incident === 'i1') yield { alert: 'a1', events, unlisted };
    })(),
});

describe('evidence.export-search', () => {
  it('keeps every event on a line of its own, with a hash that anybody can compute again', async () => {
    const events = ['e1', 'e2'].map((id) => ({ id, event: event(id) }));
    const keep = verbs(evidenceExportSearch, { targets: {}, events: door(events) });
    await keep.plan({ incident: 'i1' });
    await keep.act();
    const [file] = keep.files;
    const lines = Buffer.from(file!.content).toString().trimEnd().split('\n');
    for (const [at, line] of lines.entries()) {
      const [, id, sha256, body] = /^\{"id":"(\w+)","sha256":"(\w+)","event":(.*)\}$/.exec(line) ?? [];
      expect(id).toBe(events[at]!.id);
      expect(createHash('sha256').update(body!).digest('hex')).toBe(sha256);
      expect(JSON.parse(body!)).toEqual(events[at]!.event);
    }
    expect(await keep.verify()).toMatchObject({ outcome: 'proven' });
  });

  it('keeps what is larger than one document in parts, and proves the whole', async () => {
    const events = Array.from({ length: 30 }, (_, at) => ({
      id: `e${at}`,
      event: event(`e${at}`, 'é'.repeat(40_000)),
    }));
    const keep = verbs(evidenceExportSearch, { targets: {}, events: door(events) });
    await keep.plan({ incident: 'i1' });
    await keep.act();
    expect(keep.files.map(({ name }) => name)).toEqual([
      'alert-a1.jsonl (part 1 of 3)',
      'alert-a1.jsonl (part 2 of 3)',
      'alert-a1.jsonl (part 3 of 3)',
      'manifest.json',
    ]);
    expect(await keep.verify()).toMatchObject({ outcome: 'proven' });
  });

  it('says which events it could not keep', async () => {
    const keep = verbs(evidenceExportSearch, {
      targets: {},
      events: door([{ id: 'e1', event: event('e1') }, { id: 'e2' }], 7),
    });
    await keep.plan({ incident: 'i1' });
    await keep.act();
    expect((await keep.verify()).detail).toMatch(
      /not in it: 1 events are no longer stored, 7 events are counted by alerts/,
    );
  });

  it('refuses an incident without alerts, and more events than approved', async () => {
    const keep = verbs(evidenceExportSearch, {
      targets: {},
      events: door(['e1', 'e2'].map((id) => ({ id, event: event(id) }))),
    });
    await expect(keep.plan({ incident: 'i2' })).rejects.toThrow(/i2/);
    await keep.plan({ incident: 'i1', maxEvents: 1 });
    await expect(keep.act()).rejects.toThrow(/more events than approved/);
    expect(keep.files).toEqual([]);
  });
});
