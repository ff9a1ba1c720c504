/** `source` and `destination` of an event: an address as `ip`, a name as `domain`. */
import { isIP } from 'node:net';

export interface Endpoint {
  address: string;
  ip?: string;
  domain?: string;
  port?: number;
}

/** `endpoint('fe80::1%eth0', '22')`; undefined where nothing is known. */
export function endpoint(
  address: string | undefined,
  port?: string | number | undefined,
): Endpoint | undefined {
  if (address === undefined || address === '' || address === '-') return undefined;
  // An IPv6 scope (`fe80::1%eth0`) belongs to the host, not to the address.
  const bare = address.replace(/%.*$/, '');
  const number = port === undefined || port === '' ? undefined : Number(port);
  const isPort = number !== undefined && Number.isInteger(number) && number > 0 && number <= 65_535;
  const where = isIP(bare) > 0 ? { ip: bare } : { domain: address };
  return { address, ...where, ...(isPort ? { port: number } : {}) };
}

/** `192.0.2.1:443`, `[2001:db8::1]:443`, either without port. */
export function endpointOf(text: string | undefined): Endpoint | undefined {
  if (text === undefined) return undefined;
  const [, bracketed, port] = /^\[([^\]]{1,64})\](?::(\d{1,5}))?$/.exec(text) ?? [];
  if (bracketed !== undefined) return endpoint(bracketed, port);
  const [, host, hostPort] = /^([^:]{1,255}):(\d{1,5})$/.exec(text) ?? [];
  return host === undefined ? endpoint(text) : endpoint(host, hostPort);
}
