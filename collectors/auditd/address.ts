/** Decodes the socket address of a SOCKADDR record: `02000050C0A80101…` is 192.168.1.1 port 80. */

export type SocketAddress = { ip: string; port: number } | { path: string };

export function socketAddress(hex: string | undefined): SocketAddress | undefined {
  if (hex === undefined || !/^(?:[0-9A-Fa-f]{2}){2,256}$/.test(hex)) return undefined;
  const bytes = Buffer.from(hex, 'hex');
  const family = bytes.readUInt16LE(0);
  if (family === 1) {
    const path = bytes
      .subarray(2)
      .toString('utf8')
      .replace(/^\0/, '@')
      .replace(/\0[\s\S]*$/, '');
    return path === '' ? undefined : { path };
  }
  if (family === 2 && bytes.length >= 8)
    return { ip: bytes.subarray(4, 8).join('.'), port: bytes.readUInt16BE(2) };
  if (family !== 10 || bytes.length < 24) return undefined;
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(8 + 2 * i).toString(16));
  const mapped = groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff';
  // The URL parser writes an address in its one short form.
  const ip = mapped
    ? bytes.subarray(20, 24).join('.')
    : new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
  return { ip, port: bytes.readUInt16BE(2) };
}
