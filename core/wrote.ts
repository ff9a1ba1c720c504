/** Tells a write that went through from one that somebody else forestalled. */
import { isConflict } from './errors.ts';

/** False when the record was changed meanwhile; any other failure is thrown. */
export async function wrote(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (cause) {
    if (isConflict(cause)) return false;
    throw cause;
  }
}
