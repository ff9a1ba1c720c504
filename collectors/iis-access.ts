/**
 * Requests that IIS served become ECS `web` events. Source of the format: Microsoft Learn, "W3C Logging" (fields and their defaults);
 * times are UTC, blanks inside a field are written `+`, nothing is `-`. Samples follow it: not exercised against a live server.
 *
 * A line does not say its columns, so they must be IIS's defaults, with or without `cs(Referer)`; a `#Fields:` line that says
 * otherwise is refused and names the difference.
 */
import { isIP } from 'node:net';
import type { Draft } from '../core/event.ts';
import { maskSecrets } from '../core/secrets.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { draftOf } from './ecs/draft.ts';
import { endpoint } from './ecs/endpoint.ts';
import { utcTime } from './microsoft/time.ts';
import { byteLength, decodedUrl } from './nginx/escapes.ts';

const FIELDS =
  'date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken'.split(
    ' ',
  );
const OLD_FIELDS = FIELDS.filter((name) => name !== 'cs(Referer)');
const utf8 = new TextDecoder('utf-8');

const given = (text: string | undefined): string | undefined =>
  text === undefined || text === '-' ? undefined : text;
const spaced = (text: string | undefined): string | undefined => given(text)?.replaceAll('+', ' ');

function toEvent(
  values: ReadonlyMap<string, string>,
  original: string,
  at: string,
  context: NormaliseContext,
): Draft {
  const get = (name: string) => given(values.get(name));
  const status = Number(get('sc-status'));
  const [path, query] = [get('cs-uri-stem'), get('cs-uri-query')];
  const url = path === undefined ? undefined : query === undefined ? path : `${path}?${query}`;
  const [, domain, user] = /^([^\\]{1,64})\\(.+)$/.exec(get('cs-username') ?? '') ?? [];
  const server = get('s-ip');
  return draftOf({
    '@timestamp': at,
    event: {
      kind: 'event',
      module: 'iis',
      dataset: 'iis.access',
      provider: 'iis',
      category: ['web'],
      type: status >= 500 ? ['access', 'error'] : ['access'],
      action: 'http-request',
      outcome: status < 400 ? 'success' : 'failure',
      duration: Number(get('time-taken') ?? 0) * 1_000_000,
      original,
    },
    message: `${get('cs-method') ?? 'unreadable request'} ${url ?? '-'} ${status}`,
    service: { type: 'iis' },
    host: { name: context.host, ip: server !== undefined && isIP(server) > 0 ? [server] : undefined },
    source: endpoint(get('c-ip')),
    destination: endpoint(server, get('s-port')),
    user: { name: user ?? get('cs-username'), domain },
    url: {
      original: url,
      path,
      query,
      extension: /\.([A-Za-z0-9]{1,16})$/.exec(path ?? '')?.[1]?.toLowerCase(),
    },
    http: {
      request: { method: get('cs-method'), referrer: get('cs(Referer)') },
      response: { status_code: status },
    },
    user_agent: { original: spaced(values.get('cs(User-Agent)')) },
    vigia: {
      logsource: { product: 'windows', category: 'webserver', service: 'iis' },
      iis: {
        substatus: get('sc-substatus'),
        win32_status: get('sc-win32-status'),
        ...(url === undefined ? {} : { decoded: decodedUrl(url), url_bytes: byteLength(url) }),
      },
    },
  });
}

/** `#Software`, `#Version`, `#Date`, `#Fields` at the top of a file, and whenever IIS starts. */
function directive(line: string, context: NormaliseContext): Normalised {
  const fields = /^#Fields: (.{0,1000})$/.exec(line.trimEnd())?.[1];
  if (fields !== undefined && fields !== FIELDS.join(' ') && fields !== OLD_FIELDS.join(' '))
    return reject(
      `the log has other columns than IIS's defaults: choose "${FIELDS.join(' ')}" and no others`,
    );
  const at = utcTime(/^#Date: (\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})/.exec(line)?.[1]);
  return {
    event: draftOf({
      '@timestamp': at,
      event: {
        kind: 'event',
        module: 'iis',
        dataset: 'iis.log',
        category: ['host'],
        type: ['info'],
        action: 'message',
        original: line,
      },
      message: line,
      service: { type: 'iis' },
      host: { name: context.host },
      vigia: { logsource: { product: 'windows', category: 'webserver', service: 'iis' } },
    }),
  };
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const line = maskSecrets(utf8.decode(raw));
  if (line.startsWith('#')) return directive(line, context);
  const columns = line.trimEnd().split(' ');
  const names = columns.length === FIELDS.length ? FIELDS : OLD_FIELDS;
  if (columns.length !== names.length)
    return reject(
      `${columns.length} columns: IIS's defaults are ${OLD_FIELDS.length}, or ${FIELDS.length} with cs(Referer)`,
    );
  const values = new Map(names.map((name, index) => [name, columns[index]!]));
  const at = utcTime(`${values.get('date')} ${values.get('time')}`);
  if (at === undefined) return reject('the line does not begin with a date and a time');
  if (!/^\d{3}$/.test(values.get('sc-status')!))
    return reject('sc-status is no status: are the columns IIS’s defaults?');
  return { event: toEvent(values, line, at, context) };
}

export const iisAccess = collector({
  id: 'iis-access',
  title: 'IIS access log',
  summary:
    'Reads W3C logs of IIS with the default columns, with or without cs(Referer). Written after Microsoft’s documentation; not exercised against a live server.',
  guarantee:
    'Files: nothing lost, nothing doubled. IIS writes its log with a delay of up to a minute. Lines with other columns are dead letters.',
  datasets: ['iis.access', 'iis.log'],
  framing: { kind: 'lines' },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskSecrets(utf8.decode(raw))),
});
