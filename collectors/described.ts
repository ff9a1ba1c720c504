/**
 * Any log of lines becomes ECS events by a description in YAML: its format, where its fields go, and samples that are its
 * tests (`vigia collectors check`). Descriptions that ship lie in `descriptions/`. Delivery: at least once from files,
 * ids by position. Patterns run in linear time. The description must not change its time while a source is read: the id of an event is made from it.
 */

import { maskRecord } from './application/secrets.ts';
import { type Collector, collector, reject } from './collector.ts';
import { describedBy } from './described/compile.ts';
import type { Description } from './described/description.ts';

const utf8 = new TextDecoder('utf-8');

export const described = collector({
  id: 'described',
  title: 'Logs by description',
  summary:
    'Reads any log of lines by a description in YAML, named in the settings (description: apache-access, or a file): JSON, logfmt, CSV, ' +
    'CEF, LEEF, regular expressions, grok. Shipped are apache-access, apache-error and squid-access. ' +
    'Secrets and identifiers of citizens are hidden as in java-application, and what the description masks.',
  guarantee:
    'Files: nothing lost, nothing doubled, as long as the description does not change how times are read: ids of events are made from ' +
    'them. A record that fits no pattern is dead-lettered, unless the description keeps it (unmatched: keep).',
  datasets: ['as the description says'],
  framing: { kind: 'lines' },
  normalise: () => reject('the source names no description'),
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskRecord(utf8.decode(raw))),
});

/** The collector of one description. */
export const describedAs = (description: Description): Collector => ({
  ...described,
  ...describedBy(description),
});
