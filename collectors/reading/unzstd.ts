/**
 * Unpacks zstd of any number of frames, as appended files and those of several threads have. Node's stream ends with the frame
 * that ends inside a write and drops the rest of that write: it goes to a new one, as the beginning of the next frame.
 */
import { createZstdDecompress } from 'node:zlib';

export async function* unzstd(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let frames = openFrames();
  try {
    for await (const part of packed) {
      let rest = part;
      for (;;) {
        const taken = yield* frames.take(rest);
        rest = rest.subarray(taken);
        if (rest.length === 0) break;
        if (taken === 0) throw new Error('zstd: nothing of the next frame was taken in');
        frames.close();
        frames = openFrames();
      }
    }
    yield* frames.end();
  } finally {
    frames.close();
  }
}

function openFrames() {
  const decoder = createZstdDecompress();
  let failure: Error | undefined;
  let isEnded = false;
  let wake: () => void = () => undefined;
  decoder.on('readable', () => wake());
  decoder.on('end', () => {
    isEnded = true;
    wake();
  });
  decoder.on('error', (cause) => {
    failure = cause;
    wake();
  });
  /** What comes out until `isOver`; nothing is unpacked ahead of whoever asks. */
  async function* until(isOver: () => boolean): AsyncGenerator<Buffer> {
    for (;;) {
      const part = decoder.read() as Buffer | null;
      if (part) yield part;
      else if (failure) throw failure;
      else if (isOver()) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return {
    /** Returns how many bytes were taken in. */
    async *take(bytes: Buffer): AsyncGenerator<Buffer, number> {
      const before = decoder.bytesWritten;
      let isWritten = false;
      decoder.write(bytes, () => {
        isWritten = true;
        wake();
      });
      yield* until(() => isWritten || isEnded);
      return decoder.bytesWritten - before;
    },
    async *end(): AsyncGenerator<Buffer> {
      decoder.end();
      yield* until(() => isEnded);
    },
    close: () => void decoder.destroy(),
  };
}
