/** Sigma's `cidr`: is an address inside a network? Addresses are compared as numbers, bit by bit (M-18). */

interface Address {
  bits: 32 | 128;
  value: bigint;
}

/** Text that is no address is in no network. */
export function networkTest(network: string): (text: string) => boolean {
  const [written = '', length] = network.split('/');
  const base = readingsOf(written)[0]!;
  const prefix = length === undefined ? base.bits : Number(length);
  const shift = BigInt(base.bits - prefix);
  return (text) => {
    return readingsOf(text).some(
      ({ bits, value }) => bits === base.bits && value >> shift === base.value >> shift,
    );
  };
}

/** An IPv4 address written as IPv6 (`::ffff:10.0.0.1`) is both; an IPv4 address lies in no IPv6 network. */
function readingsOf(text: string): Address[] {
  const four = fourOf(text);
  if (four !== undefined) return [{ bits: 32, value: four }];
  const value = sixOf(text.split('%')[0]!);
  if (value === undefined) return [];
  const six: Address = { bits: 128, value };
  return value >> 32n === 0xffffn ? [six, { bits: 32, value: value & 0xffff_ffffn }] : [six];
}

function fourOf(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function sixOf(text: string): bigint | undefined {
  // The last 32 bits may be written with dots.
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) {
    const four = fourOf(dotted[2]!);
    if (four === undefined) return undefined;
    return sixOf(`${dotted[1]}${(four >> 16n).toString(16)}:${(four & 0xffffn).toString(16)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - groups.flat().length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...groups[0]!, ...new Array<string>(missing).fill('0'), ...(groups[1] ?? [])];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}
