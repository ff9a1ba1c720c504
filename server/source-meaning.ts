/** What a schema cannot say about one source: what it reads, whether its collector can, and names used twice. */
import type { Collector } from '../collectors/collector.ts';
import { collectors } from '../collectors/index.ts';
import type { Problem } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import { checkKafka } from './kafka-meaning.ts';
import { checkListen } from './listen-meaning.ts';
import { askedTarget } from './polled-sources.ts';
import type { SourceSettings } from './settings.ts';

/** Where a key stands. */
export type At = (pointer: string[]) => Omit<Problem, 'message'>;
type Written = Partial<SourceSettings>;

/** Takes a source that the schema may have found wrong. `seen`: ids so far; `targets` as written. */
export function checkSource(source: Written, at: At, seen: Set<string>, targets: unknown): Problem[] {
  const { id, collector, target } = source;
  const problems: Problem[] = [];
  const known = collectors.find((one) => one.id === collector);
  if (typeof collector === 'string' && !known) {
    const ids = collectors.map((one) => one.id);
    const hint = didYouMean(collector, ids) ?? `one of ${ids.join(', ')}`;
    problems.push({ ...at(['collector']), message: `no collector ${JSON.stringify(collector)}`, hint });
  }
  if (typeof id === 'string') {
    if (seen.has(id))
      problems.push({
        ...at(['id']),
        message: `source id ${JSON.stringify(id)} is used twice`,
        hint: 'ids of sources are unique',
      });
    seen.add(id);
  }
  return [
    ...problems,
    ...checkOrigin(source, known, at),
    ...(typeof target === 'string' && known ? checkTarget(target, known, at, targets) : []),
    ...(known
      ? [
          ...checkDescription(source, known, at),
          ...checkActivityApi(source, known, at),
          ...checkPrometheus(source, known, at),
        ]
      : []),
    ...checkListen(source, known, at),
    ...checkKafka(source, known, at),
  ];
}

function checkOrigin(
  { files, objects, listen, target, activityApi, prometheus, kafka }: Written,
  known: Collector | undefined,
  at: At,
): Problem[] {
  if (
    !files &&
    !objects &&
    !listen &&
    !target &&
    !activityApi &&
    !prometheus &&
    !kafka &&
    known?.framing.kind !== 'own'
  )
    return [
      {
        ...at([]),
        message:
          'a source needs "files", "objects", "listen", "target", "activityApi", "prometheus" or "kafka"',
      },
    ];
  if (objects && known?.framing.kind === 'file')
    return [
      {
        ...at(['objects']),
        message: `${known.id} reads whole files, which may still grow`,
        hint: 'name the folder under "files"',
      },
    ];
  return target && (files || objects || listen || kafka)
    ? [
        {
          ...at(['target']),
          message: 'a source that reads a target reads nothing else',
          hint: 'make two sources of it',
        },
      ]
    : [];
}

function checkTarget(name: string, { id, framing }: Collector, at: At, targets: unknown): Problem[] {
  const wanted = askedTarget(framing);
  if (wanted === undefined)
    return [{ ...at(['target']), message: `${id} asks no target`, hint: 'write "files" or "listen"' }];
  const named = Object.entries((targets ?? {}) as Record<string, { kind?: unknown } | null>);
  const usable = named.filter(([, target]) => target?.kind === wanted).map(([key]) => key);
  if (usable.includes(name)) return [];
  return [
    {
      ...at(['target']),
      message: `no target ${JSON.stringify(name)} of kind ${wanted}`,
      hint:
        usable.length > 0
          ? (didYouMean(name, usable) ?? `one of ${usable.join(', ')}`)
          : `add one under "targets" with kind: ${wanted}`,
    },
  ];
}

function checkDescription({ description }: Written, { id }: Collector, at: At): Problem[] {
  if ((id === 'described') === (description !== undefined)) return [];
  return id === 'described'
    ? [
        {
          ...at(['collector']),
          message: 'collector described needs a description',
          hint: 'add description: apache-access, or a file',
        },
      ]
    : [
        {
          ...at(['description']),
          message: `collector ${id} takes no description`,
          hint: 'it belongs to collector described',
        },
      ];
}

function checkPrometheus({ prometheus }: Written, { id }: Collector, at: At): Problem[] {
  if (!prometheus) return [];
  const problems: Problem[] = [];
  if (id !== 'prometheus-query')
    problems.push({
      ...at(['prometheus']),
      message: `${id} does not ask Prometheus`,
      hint: 'write collector: prometheus-query',
    });
  const names: unknown[] = Array.isArray(prometheus.queries)
    ? prometheus.queries.map((one) => one?.name)
    : [];
  for (const [index, name] of names.entries())
    if (names.indexOf(name) < index)
      problems.push({
        ...at(['prometheus', 'queries', String(index)]),
        message: `the question ${JSON.stringify(name)} stands here twice`,
        hint: 'names of questions are unique',
      });
  return problems;
}

function checkActivityApi({ activityApi }: Written, { id }: Collector, at: At): Problem[] {
  if (!activityApi) return [];
  const problems: Problem[] = [];
  if (id !== 'office-audit')
    problems.push({
      ...at(['activityApi']),
      message: `${id} does not read this API`,
      hint: 'write collector: office-audit',
    });
  if (!activityApi.passwordFile && !activityApi.passwordEnv)
    problems.push({
      ...at(['activityApi']),
      message: 'the client secret is missing',
      hint: 'add passwordFile or passwordEnv',
    });
  return problems;
}
