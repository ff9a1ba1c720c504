/** The `url` fields of a request, the same for the access and the error log of nginx. */
import type { Draft } from '../../core/event.ts';
import type { WebRequest } from './request.ts';

/** Path, query and extension of what was requested; `http://other/…` (a proxy request) keeps its own host. */
export function urlFields(request: Pick<WebRequest, 'url' | 'host' | 'serverPort'>): Draft['url'] {
  const { url, host } = request;
  const [, domain, rest] = url === undefined ? [] : (/^https?:\/\/([^/?#]{1,255})(.*)$/is.exec(url) ?? []);
  const target = rest ?? url;
  const at = target?.indexOf('?') ?? -1;
  const path = at < 0 ? target : target!.slice(0, at);
  const extension = /\.([A-Za-z0-9]{1,16})$/.exec(path ?? '')?.[1];
  const port = Number(request.serverPort);
  const fields = {
    ...(url === undefined ? {} : { original: url }),
    ...(path === undefined || path === '' ? {} : { path }),
    ...(at < 0 ? {} : { query: target!.slice(at + 1) }),
    ...(extension === undefined ? {} : { extension: extension.toLowerCase() }),
    ...(domain === undefined && host === undefined ? {} : { domain: domain ?? host! }),
    ...(request.serverPort !== undefined && port <= 65_535 ? { port } : {}),
  };
  return Object.keys(fields).length === 0 ? undefined : fields;
}
