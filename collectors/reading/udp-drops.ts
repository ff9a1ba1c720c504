/** How many datagrams the kernel threw away because our socket was full: Linux counts them per socket, and tells nobody who does not ask. */
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { endianness } from 'node:os';

/** Undefined where the system does not say (no Linux, or the socket is closed). The count begins with the socket. */
export async function kernelDrops(socket: { address: string; port: number }): Promise<number | undefined> {
  const isSix = isIPv6(socket.address);
  const table = await readFile(`/proc/self/net/${isSix ? 'udp6' : 'udp'}`, 'utf8').catch(() => '');
  return dropsIn(
    table,
    `${isSix ? hexOfSix(socket.address) : hexOfFour(socket.address)}:${hexOf(socket.port, 4)}`,
  );
}

/** `  12: 0100007F:1F90 00000000:0000 07 … drops`: the local address is the second word, the drops are the last. */
function dropsIn(table: string, local: string): number | undefined {
  for (const line of table.split('\n')) {
    const words = line.trim().split(/\s+/);
    if (words[1] === local) return Number(words.at(-1));
  }
  return undefined;
}

const hexOf = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');

/** Words of four bytes, as the machine keeps numbers. */
const wordOf = (bytes: readonly number[]) =>
  (endianness() === 'LE' ? bytes.toReversed() : bytes).map((byte) => hexOf(byte, 2)).join('');

const hexOfFour = (address: string) => wordOf(address.split('.').map(Number));

function hexOfSix(address: string): string {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = (text: string | undefined) => (text ?? '').split(':').filter(Boolean).flatMap(groupOf);
  const [first, last] = [groups(head), groups(tail)];
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  const bytes = all.flatMap((group) => [group >> 8, group & 0xff]);
  return [0, 4, 8, 12].map((at) => wordOf(bytes.slice(at, at + 4))).join('');
}

/** `7f00`, or the four numbers that may end an address: `192.0.2.7`. */
const groupOf = (text: string): number[] => {
  if (!text.includes('.')) return [Number.parseInt(text, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return [(a << 8) | b, (c << 8) | d];
};
