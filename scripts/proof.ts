/** `npm run proof -- NAME [--scale S | --events N] [--store embedded|elasticsearch] [--only PART,PART] [--write FILE]`: a table, then one JSON line; exit 1 when a figure is not zero. */
import { parseArgs } from 'node:util';
import { facts } from '../cli/print.ts';
import { proofs } from '../tests/proofs/index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: 'string', default: '1' },
    events: { type: 'string' },
    store: { type: 'string' },
    only: { type: 'string' },
    write: { type: 'string' },
  },
});
const name = positionals[0] ?? '';
const proof = proofs[name];
const scale = Number(values.scale);
const events = values.events === undefined ? undefined : Number(values.events);
const stores = (['embedded', 'elasticsearch'] as const).filter(
  (store) => values.store === undefined || values.store === store,
);

if (!proof || !(scale > 0) || (events !== undefined && !(events > 0)) || stores.length === 0) {
  process.stderr.write(
    `usage: npm run proof -- NAME [--scale S | --events N] [--store embedded|elasticsearch] [--only PART,PART] [--write FILE]\n  NAME is one of ${Object.keys(proofs).join(', ')}; S is above 0, 1 is the full size; parts are those of the fault matrix, whose rows FILE takes\n`,
  );
  process.exitCode = 2;
} else {
  const { more, ...result } = await proof({
    scale,
    ...(events === undefined ? {} : { events }),
    ...(values.only === undefined ? {} : { only: values.only.split(',') }),
    ...(values.write === undefined ? {} : { write: values.write }),
    stores,
    say: (line) => void process.stderr.write(`${line}\n`),
  });
  process.stdout.write(`${facts([...Object.entries(result), ...Object.entries(more)])}\n`);
  process.stdout.write(`${JSON.stringify({ ...result, ...more })}\n`);
  process.exitCode = result.lost + result.doubled + result.failed > 0 ? 1 : 0;
}
