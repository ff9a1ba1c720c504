/** `npm run bench -- NAME [--runs N] [--scale S] [--only PART,PART]`: medians over the runs, the machine named, one JSON line at the end. */
import { parseArgs } from 'node:util';
import { facts } from '../cli/print.ts';
import { benches } from '../tests/bench/index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '3' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const bench = benches[positionals[0] ?? ''];
const runs = Number(values.runs);
const scale = Number(values.scale);

if (!bench || !Number.isInteger(runs) || runs < 1 || !(scale > 0)) {
  process.stderr.write(
    `usage: npm run bench -- NAME [--runs N] [--scale S] [--only PART,PART]\n  NAME is one of ${Object.keys(benches).join(', ')}; S is above 0, 1 is the full size\n`,
  );
  process.exitCode = 2;
} else {
  const result = await bench({
    runs,
    scale,
    ...(values.only === undefined ? {} : { only: values.only.split(',') }),
    say: (line) => void process.stderr.write(`${line}\n`),
  });
  process.stdout.write(
    `${facts([['bench', result.bench], ['machine', result.machine], ['runs', `${result.runs}, medians below`], ...Object.entries(result.figures)])}\n`,
  );
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
