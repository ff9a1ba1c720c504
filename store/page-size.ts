/** How many items one page may hold. */
import { errors } from '../core/errors.ts';

const DEFAULT = 1_000;
const LARGEST = 10_000;

export function pageSize(size: number | undefined): number {
  if (size === undefined) return DEFAULT;
  if (Number.isInteger(size) && size >= 1 && size <= LARGEST) return size;
  throw errors.usage(`a page cannot hold ${size} items`, `choose a whole number from 1 to ${LARGEST}`);
}
