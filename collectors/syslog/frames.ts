/** Cuts a syslog byte stream into frames (RFC 6587): octet-counted where a frame starts with a length, else up to the newline. */

export interface Frame {
  bytes: Uint8Array;
  /** Set when the frame could not be taken whole; `bytes` then holds its beginning. */
  broken?: string;
  /** Bytes of the frame that arrived, kept or not. Set with `broken`. */
  size?: number;
}

export interface FrameSplitter {
  /** Frames completed by these bytes, oldest first. How the stream is cut into chunks changes nothing. */
  push(bytes: Uint8Array): Frame[];
  /** The stream ended: what is left comes out, marked broken when a counted frame is not complete. */
  end(): Frame[];
  /** Memory held until more bytes arrive; never more than `maxBytes` plus the length prefix. */
  held(): number;
}

const LF = 0x0a;
/** Bytes that senders put between frames: LF, CR, NUL, blank. */
const isFiller = (byte: number) => byte === LF || byte === 0x0d || byte === 0 || byte === 0x20;
const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
/** Longer "lengths" are no lengths; a hostile count can make us skip at most 10 MB of that sender's own bytes. */
const LENGTH_DIGITS = 7;

/** `lines` = reading up to a newline, `counted` = `left` bytes of a counted frame are missing. */
type State = { mode: 'start' } | { mode: 'lines' } | { mode: 'counted'; left: number; length: number };

/** A splitter for one connection. Memory is bounded by `maxBytes`: longer frames are cut, the rest is skipped. */
export function frameSplitter({ maxBytes = 1_048_576 }: { maxBytes?: number } = {}): FrameSplitter {
  let state: State = { mode: 'start' };
  /** Grows by doubling: a sender of single bytes must not cost an object for each. */
  let kept = new Uint8Array();
  let keptBytes = 0;
  /** Bytes of the current frame, kept or skipped. */
  let seenBytes = 0;
  /** A length prefix that may go on in the next chunk. */
  let prefix = '';

  const keep = (bytes: Uint8Array) => {
    seenBytes += bytes.length;
    const part = bytes.subarray(0, Math.max(maxBytes - keptBytes, 0));
    const needed = keptBytes + part.length;
    if (needed > kept.length) {
      const grown = new Uint8Array(Math.min(maxBytes, Math.max(needed, 2 * kept.length)));
      grown.set(kept.subarray(0, keptBytes));
      kept = grown;
    }
    kept.set(part, keptBytes);
    keptBytes = needed;
  };
  const take = (broken?: string): Frame => {
    const bytes = kept.slice(0, keptBytes);
    const long =
      seenBytes > maxBytes ? `frame of ${seenBytes} bytes is over the limit of ${maxBytes}` : broken;
    const size = seenBytes;
    kept = new Uint8Array();
    keptBytes = seenBytes = 0;
    state = { mode: 'start' };
    return long === undefined ? { bytes } : { bytes, broken: long, size };
  };
  /** The bytes read as a length were the beginning of a line. */
  const prefixIsText = () => {
    keep(new TextEncoder().encode(prefix));
    prefix = '';
    state = { mode: 'lines' };
  };

  /** Reads from `at`, returns where to go on. */
  function step(bytes: Uint8Array, at: number, frames: Frame[]): number {
    if (state.mode === 'counted') {
      const part = bytes.subarray(at, at + state.left);
      keep(part);
      state.left -= part.length;
      if (state.left === 0) frames.push(take());
      return at + part.length;
    }
    if (state.mode === 'lines') {
      const end = bytes.indexOf(LF, at);
      keep(bytes.subarray(at, end < 0 ? bytes.length : end));
      if (end < 0) return bytes.length;
      frames.push(take());
      return end + 1;
    }
    const byte = bytes[at]!;
    if (prefix === '' && isFiller(byte)) return at + 1;
    if (isDigit(byte) && prefix.length < LENGTH_DIGITS && !(prefix === '' && byte === 0x30)) {
      prefix += String.fromCharCode(byte);
      return at + 1;
    }
    if (byte === 0x20 && prefix !== '') {
      state = { mode: 'counted', left: Number(prefix), length: Number(prefix) };
      prefix = '';
      return at + 1;
    }
    prefixIsText();
    return at;
  }

  return {
    push(bytes) {
      const frames: Frame[] = [];
      for (let at = 0; at < bytes.length; ) at = step(bytes, at, frames);
      return frames;
    },
    end() {
      if (prefix !== '') prefixIsText();
      if (state.mode === 'start') return [];
      if (state.mode === 'lines') return seenBytes > 0 ? [take()] : [];
      const { length, left } = state;
      return [take(`connection ended after ${length - left} of ${length} bytes of the frame`)];
    },
    held: () => kept.length + prefix.length,
  };
}
