/**
 * Takes a record of nginx's error log apart: `time [level] pid#tid: *connection message, client: …, server: …, request: "…"`.
 * nginx escapes nothing here: a request may hold quotes, and then forge what seems to follow. The first place where the
 * context can begin outside quotes counts, and a second one marks the record ambiguous.
 */

export interface ErrorRecord {
  time: string;
  level: string;
  pid: number;
  connection?: string;
  message: string;
  client?: string;
  server?: string;
  request?: string;
  upstream?: string;
  host?: string;
  referrer?: string;
  isAmbiguous: boolean;
}

const HEAD =
  /^(?<time>\d{4}\/\d{2}\/\d{2} \d{2}:\d{2}:\d{2}) \[(?<level>[a-z]{4,6})\] (?<pid>\d{1,10})#\d{1,10}: (?:\*(?<connection>\d{1,20}) )?/;

/** True where a record begins. */
export const startsErrorRecord = (line: string): boolean => HEAD.test(line);

const CONTEXT = ', client: ';
/** `, client: 192.0.2.7, server: portal`, without quotes. */
const CLIENT = /^, client: ([0-9A-Fa-f.:]{2,45}|unix:), server: ([^",\s]{0,255})/;
const QUOTED = /^, (request|subrequest|upstream|host|referrer): "/;

/** Places outside quotes where `, client: …, server: …` stands. */
function contexts(text: string): number[] {
  const found: number[] = [];
  let quotes = 0;
  let from = 0;
  for (let at = text.indexOf(CONTEXT); at >= 0 && found.length < 2; at = text.indexOf(CONTEXT, at + 1)) {
    for (let quote = text.indexOf('"', from); quote >= 0 && quote < at; quote = text.indexOf('"', quote + 1))
      quotes += 1;
    from = at;
    if (quotes % 2 === 0 && CLIENT.test(text.slice(at, at + 400))) found.push(at);
  }
  return found;
}

/** `, name: "value"` one after the other; a value ends at the quote before the next name, or the last one. */
function quoted(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  let rest = text;
  // There are five names; more is a client's doing.
  for (let count = 0; count < 5; count += 1) {
    const found = QUOTED.exec(rest);
    if (found === null) return values;
    const start = found[0].length;
    const next = /", (?:request|subrequest|upstream|host|referrer): "/.exec(rest.slice(start));
    const end = next === null ? rest.lastIndexOf('"') : start + next.index;
    if (end < start) return values;
    values[found[1]!] ??= rest.slice(start, end);
    rest = rest.slice(end + 1);
  }
  return values;
}

export function errorRecord(text: string): ErrorRecord | string {
  const groups = HEAD.exec(text)?.groups;
  if (groups === undefined) return 'record does not begin with "2026/03/04 11:00:00 [error] 7#7: "';
  const body = text.slice(HEAD.exec(text)![0].length);
  const places = contexts(body);
  const at = places[0];
  const [context, client, server] = at === undefined ? [] : (CLIENT.exec(body.slice(at)) ?? []);
  const named = at === undefined ? {} : quoted(body.slice(at + context!.length));
  return {
    time: groups['time']!,
    level: groups['level']!,
    pid: Number(groups['pid']),
    ...(groups['connection'] === undefined ? {} : { connection: groups['connection'] }),
    message: at === undefined ? body : body.slice(0, at),
    ...(client === undefined ? {} : { client }),
    ...(server === undefined || server === '' ? {} : { server }),
    ...named,
    isAmbiguous: places.length > 1,
  };
}
