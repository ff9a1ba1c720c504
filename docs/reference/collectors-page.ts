/** The page about every collector, from its own words. */
import type { Collector } from '../../collectors/collector.ts';
import { collectors } from '../../collectors/index.ts';
import { code, made, page, table } from './markdown.ts';

const KIB = 1_024;
/** What `run.ts` takes when a collector names no limit. */
const LARGEST_BYTES = KIB * KIB;

function framingOf({ framing }: Collector): string {
  if (framing.kind === 'file') return 'the whole file, and again when it changed';
  if (framing.kind === 'own') return 'entries of the store of this installation';
  if (framing.kind === 'rows') return `rows, asked of a target of kind ${code(framing.target)}`;
  if (framing.kind === 'directory') return `objects, asked of a target of kind ${code('directory')}`;
  if (framing.kind === 'syslog') return 'RFC 6587 frames';
  if (framing.kind === 'records') return 'records of its own format, in a file that grows';
  return framing.continues ? 'lines; a line that continues a record is glued to it' : 'one record a line';
}

export function collectorsPage(): string {
  const parts = collectors.map((one) =>
    [
      `## ${code(one.id)}: ${one.title}`,
      one.summary,
      `**Guarantee.** ${one.guarantee}`,
      table(
        ['', ''],
        [
          ['Datasets', one.datasets.map(code).join(', ')],
          ['Records', framingOf(one)],
          ['Largest record', `${(one.maxBytes ?? LARGEST_BYTES) / KIB} KiB; longer ones are dead letters`],
          [
            'Secrets in refused records',
            one.mask ? 'hidden before the record is kept as a dead letter' : 'not hidden',
          ],
        ],
      ),
    ].join('\n\n'),
  );
  return page(
    '# Collectors',
    made('`collectors/`'),
    'What reads sources. Where reading stops short of a guarantee for every collector (rotation, truncation, network) is in ' +
      '[guarantees.md](guarantees.md). Try one on a sample: `vigia collectors test linux-syslog < sample.log`.',
    ...parts,
  );
}
