/**
 * Reads bodies of requests, compressed or not, within two bounds: one body unpacked, and all bodies held at once. A body that
 * unpacks to more than its bound (a zip bomb) is given up as soon as it passes it.
 */
import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createGunzip, createInflate, createZstdDecompress } from 'node:zlib';

const DECODERS: Readonly<Record<string, () => Transform & { bytesWritten: number }>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  zstd: createZstdDecompress,
};

export interface BodyLimits {
  /** Of one body, unpacked. */
  readonly bodyBytes: number;
  /** Of all bodies held at once; one body alone may always be read. */
  readonly heldBytes: number;
}

export type Body =
  /** `release` when the body is no longer held. */
  { readonly bytes: Buffer; release(): void } | { readonly status: number; readonly reason: string };

export function bodyReader({
  bodyBytes,
  heldBytes,
}: BodyLimits): (request: IncomingMessage) => Promise<Body> {
  let held = 0;
  return async (request) => {
    const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
    const decoder = encoding === 'identity' ? undefined : DECODERS[encoding];
    if (encoding !== 'identity' && !decoder)
      return { status: 415, reason: `content-encoding ${encoding} is not taken; gzip, deflate and zstd are` };
    const parts: Buffer[] = [];
    let size = 0;
    const release = () => {
      held -= size;
      size = 0;
    };
    const unpacking = decoder?.();
    const from = unpacking ? unpacked(request, unpacking) : request;
    let packed = 0;
    request.on('data', (part: Buffer) => {
      packed += part.length;
    });
    try {
      // The stream outlives a refusal: destroying it would take the connection away before the answer.
      for await (const part of from.iterator({ destroyOnReturn: false })) {
        const bytes = part as Buffer;
        size += bytes.length;
        held += bytes.length;
        const isOver = size > bodyBytes;
        if (!isOver && (held <= heldBytes || held === size)) {
          parts.push(bytes);
          continue;
        }
        release();
        leave(request, from);
        return isOver
          ? { status: 413, reason: `the body is over ${bodyBytes} bytes unpacked` }
          : { status: 503, reason: 'too many bodies are being received at once' };
      }
      if (!unpacking || unpacking.bytesWritten === packed) return { bytes: Buffer.concat(parts), release };
      release();
      return { status: 400, reason: `something follows the ${encoding} data: send one frame in a body` };
    } catch (cause) {
      release();
      leave(request, from);
      // A sender that goes away in the middle gets no answer anyway.
      return { status: 400, reason: `the body cannot be read: ${(cause as Error).message}` };
    }
  };
}

function unpacked(request: IncomingMessage, decoder: Transform): Transform {
  request.on('close', () => {
    if (!request.complete) decoder.destroy(new Error('the connection was cut'));
  });
  return request.pipe(decoder);
}

/** The rest runs to nowhere, within the time for one request. */
function leave(request: IncomingMessage, from: Readable): void {
  if (from !== request) {
    request.unpipe();
    from.destroy();
  }
  request.resume();
}
