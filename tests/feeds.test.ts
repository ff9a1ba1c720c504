/** The tables of what each dataset gives to rules (detections/feeds) agree with the collectors and with recorded events. */
import { describe, expect, it } from 'vitest';
import { collectors } from '../collectors/index.ts';
import { feeds } from '../detections/index.ts';
import { hasCorpus } from './corpus.ts';
import { readSamples } from './labels/detect.ts';
import { retold, told } from './labels/sample-files.ts';

const datasets = [...new Set(collectors.flatMap((one) => one.datasets))]
  // What a description names, nobody knows before it is written.
  .filter((name) => name !== 'as the description says')
  .sort();

it('name every dataset that a collector makes, once', () => {
  expect(
    feeds()
      .map(({ dataset }) => dataset)
      .sort(),
  ).toEqual(datasets);
});

describe.skipIf(!hasCorpus('samples', 'labels.json'))('recorded events', () => {
  const events = hasCorpus('samples', 'labels.json') ? readSamples([...told, ...retold]) : [];
  /** What the pipeline adds, and what no rule asks. */
  const INTERNAL =
    /^(vigia\.(batch|source|logsource|clock)\b|ecs\.|@timestamp|event\.(created|dataset|hash|id|kind|ingested)$)/;

  function* fieldsOf(value: object, path = ''): Generator<string> {
    for (const [key, inner] of Object.entries(value)) {
      const name = path === '' ? key : `${path}.${key}`;
      if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) yield* fieldsOf(inner, name);
      else if (!INTERNAL.test(name)) yield name;
    }
  }

  it('carry no field that their table leaves out', () => {
    const known = new Map(feeds().map((feed) => [feed.dataset, feed.fields]));
    const isListed = (dataset: string, field: string) =>
      known
        .get(dataset)
        ?.some((one) => one === field || (one.endsWith('.*') && field.startsWith(one.slice(0, -1))));
    const missing = events.flatMap(({ event }) =>
      [...fieldsOf(event)]
        .filter((field) => !isListed(event.event.dataset, field))
        .map((field) => `${event.event.dataset}: ${field}`),
    );
    expect([...new Set(missing)]).toEqual([]);
  });

  it('come from the log sources that their table names', () => {
    const named = new Map(
      feeds().map((feed) => [feed.dataset, feed.logsources.map((one) => JSON.stringify(sorted(one)))]),
    );
    const strange = events.flatMap(({ event }) => {
      const own = JSON.stringify(sorted(event.vigia?.['logsource'] as object));
      return named.get(event.event.dataset)?.includes(own) ? [] : [`${event.event.dataset}: ${own}`];
    });
    expect([...new Set(strange)]).toEqual([]);
  });
});

const sorted = (source: object) => Object.fromEntries(Object.entries(source).sort());
