/** Tests whether an address text lies in an IPv4 or IPv6 network. */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { errors } from '../errors.ts';

/** Why the text is no network; undefined when it is one. `10.0.0.0/8`, `2001:db8::/32`, or a single address. */
export function networkMistake(network: string): string | undefined {
  const [address = '', bits, more] = network.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%')) return `${JSON.stringify(address)} is no IPv4 or IPv6 address`;
  if (bits === undefined) return undefined;
  const most = family === 4 ? 32 : 128;
  if (more !== undefined || !/^\d{1,3}$/.test(bits) || Number(bits) > most)
    return `the prefix length must be 0 to ${most}`;
  return undefined;
}

/** Text that is no address is in no network, an IPv4 address in no IPv6 network; one written as `::ffff:10.0.0.1` counts as both. */
export function compileNetwork(network: string): (text: string) => boolean {
  const mistake = networkMistake(network);
  if (mistake !== undefined) throw errors.usage(`${JSON.stringify(network)} is no network: ${mistake}`);
  const [address = '', bits] = network.split('/');
  const list = new BlockList();
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  list.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family);
  return (text) => {
    if (isIPv4(text)) return family === 'ipv4' && list.check(text, 'ipv4');
    const zone = text.indexOf('%');
    const bare = zone === -1 ? text : text.slice(0, zone);
    return isIPv6(bare) && list.check(bare, 'ipv6');
  };
}
