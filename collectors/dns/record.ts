/** What one line of a name server's log says, whichever server wrote it. */
import type { SyslogTime } from '../syslog/time.ts';

export interface DnsRecord {
  server: 'bind' | 'unbound' | 'windows';
  /** Missing where the line holds none that can be read. */
  time?: SyslogTime;
  /** `query` and `answer` are the traffic; `transfer` and `update` touch whole zones; `log` is any other line. */
  kind: 'query' | 'answer' | 'transfer' | 'update' | 'log';
  outcome?: 'success' | 'failure';
  reason?: string;
  client?: string;
  clientPort?: string;
  /** Address of the server that was asked. */
  asked?: string;
  name?: string;
  type?: string;
  class?: string;
  code?: string;
  id?: string;
  opcode?: string;
  flags?: string[];
  transport?: string;
  zone?: string;
  /** What is done to the zone: `AXFR`, `add`, `delete`. */
  action?: string;
  answers?: { name?: string; type?: string; data?: string }[];
  severity?: string;
  view?: string;
  text: string;
}

/** A name as everybody writes it: lower case, without the dot of the root. */
export const plainName = (name: string): string =>
  name === '.' ? name : name.replace(/\.$/, '').toLowerCase();
