/** Orders the test files so that no long one is begun last, while the other worker has nothing left to do. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders whose files take minutes, the slowest first: real servers, killed processes, whole programs. */
const SLOW = [
  'tests/proofs/',
  'tests/store-contract/',
  'tests/stories/',
  'tests/terminal/',
  'tests/testbed/',
  'server/',
];

const rank = ({ moduleId }: TestSpecification): number => {
  const place = SLOW.findIndex((folder) => moduleId.includes(`/${folder}`));
  return place === -1 ? SLOW.length : place;
};

export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
