/** The process of one life. Who wakes up too late is refused, and says so by its exit code. */
import { VigiaError } from '../../../core/errors.ts';
import { type LifeOptions, live, REFUSED } from './life.ts';

try {
  // The parent hands over one JSON argument; its shape is the type.
  await live(JSON.parse(process.argv[2] ?? '') as LifeOptions);
} catch (cause) {
  if (!(cause instanceof VigiaError)) throw cause;
  process.stderr.write(`${cause.message}\n`);
  process.exitCode = REFUSED;
}
