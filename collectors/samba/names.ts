/** Reads the names that Samba writes: addresses, distinguished names, principals, security identifiers. */
import { isIP } from 'node:net';

export interface Endpoint {
  /** As written, without the family. */
  address: string;
  ip?: string;
  port?: number;
}

/** `ipv4:10.0.0.5:445`, `ipv6:fd77::5:445`; the part after the last colon is the port. */
export function endpoint(written: string | undefined): Endpoint | undefined {
  const found = /^ipv[46]:(.*):(\d{1,5})$/s.exec(written ?? '');
  if (!found) return written ? { address: written } : undefined;
  const address = found[1]!;
  // "ipv6::::0" is Samba's way to say that nobody was connected: it came from the server itself.
  if (address === '::' || address === '') return undefined;
  const port = Number(found[2]);
  return {
    address,
    ...(isIP(address) ? { ip: address } : {}),
    ...(port > 0 && port < 65_536 ? { port } : {}),
  };
}

/** One spelling of a distinguished name: types in upper case, no blanks around separators. Clients write both at will. */
export function plainName(dn: string | undefined): string | undefined {
  return dn
    ?.replace(
      /(^|(?<!\\),)[ ]{0,64}([A-Za-z][A-Za-z0-9-]{0,63})[ ]{0,64}=[ ]{0,64}/g,
      (_, before: string, type: string) => `${before}${type.toUpperCase()}=`,
    )
    .replace(/(?<!\\) {1,64},/g, ',');
}

/** The parts of a distinguished name, unescaped: `[{type: 'CN', value: 'Domain Admins'}, …]`. */
export function nameParts(dn: string): { type: string; value: string }[] {
  const parts: { type: string; value: string }[] = [];
  for (const [part] of dn.matchAll(/(?:\\.|[^,\\])+/gs)) {
    const at = part.indexOf('=');
    if (at < 1) continue;
    parts.push({ type: part.slice(0, at).trim().toUpperCase(), value: unescapeValue(part.slice(at + 1)) });
  }
  return parts;
}

/** What a distinguished name names: its first part, without the mark of a deleted object. */
export function objectName(dn: string | undefined): string | undefined {
  const value = nameParts(dn ?? '')[0]?.value;
  return value?.replace(/\nDEL:[0-9a-f-]{36}$/i, '') || undefined;
}

/** `example.test` of `CN=x,DC=example,DC=test`. */
export function domainOf(dn: string | undefined): string | undefined {
  const labels = nameParts(dn ?? '').filter((part) => part.type === 'DC');
  return labels.length > 0 ? labels.map((part) => part.value).join('.') : undefined;
}

/** A member as the directory writes it: `<GUID=…>;<SID=…>;CN=…`. */
export function linkedObject(value: string): { dn: string; sid?: string } {
  const sid = /<SID=(S-[\d-]+)>/.exec(value)?.[1];
  return { dn: value.replace(/^(?:<[^>]*>;)+/, ''), ...(sid ? { sid } : {}) };
}

/** `name@REALM` or `DOMAIN\name` or a bare name. A backslash before a character makes it ordinary. */
export function account(written: string | undefined): { name?: string; domain?: string } {
  if (!written) return {};
  const at = written.lastIndexOf('@');
  if (at > 0) return { name: written.slice(0, at), domain: written.slice(at + 1) };
  const slash = written.indexOf('\\');
  if (slash > 0 && slash < written.length - 1)
    return { name: written.slice(slash + 1), domain: written.slice(0, slash) };
  return { name: written };
}

/** Identifiers that mean the same in every domain; any other can only be resolved with the directory's help. */
const wellKnown: Readonly<Record<string, string>> = {
  'S-1-5-7': 'ANONYMOUS LOGON',
  'S-1-5-18': 'SYSTEM',
  'S-1-5-19': 'LOCAL SERVICE',
  'S-1-5-20': 'NETWORK SERVICE',
};

export function userOfSid(sid: string | undefined): { id?: string; name?: string; domain?: string } {
  if (!sid) return {};
  const name = Object.hasOwn(wellKnown, sid) ? wellKnown[sid] : undefined;
  return { id: sid, ...(name ? { name, domain: 'NT AUTHORITY' } : {}) };
}

/** RFC 4514: a backslash stands before a special character or two hexadecimal digits (of UTF-8). */
function unescapeValue(value: string): string {
  if (!value.includes('\\')) return value;
  const hex = value.replace(/(?:\\[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('\\', ''), 'hex').toString('utf8'),
  );
  return hex.replace(/\\(.)/gs, '$1');
}
