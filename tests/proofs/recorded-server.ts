/** Stands in for a system that cannot run here: answers calls from a record of its documented API, and refuses any other. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  /** `POST /v1/sys/leases/revoke` */
  readonly call: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly json: unknown;
}

/** By `METHOD path`: a status, or a status and what is answered as JSON; undefined refuses this very call. */
export type Answer = (call: Call) => number | readonly [number, unknown] | undefined;

export interface RecordedServer {
  readonly url: string;
  /** Everything that was asked, in order. */
  readonly calls: readonly Call[];
  /** How often that was asked. */
  count(call: string): number;
  /** Asked, and not in the record: the test must find none. */
  readonly refused: readonly string[];
  /** From now on. */
  answer(call: string, answer: Answer): void;
  close(): Promise<void>;
}

export async function recordedServer(answers: Readonly<Record<string, Answer>>): Promise<RecordedServer> {
  const record = new Map(Object.entries(answers));
  const calls: Call[] = [];
  const refused: string[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    const call = `${request.method} ${request.url}`;
    const asked: Call = { call, headers: request.headers, body, json: jsonOf(body) };
    calls.push(asked);
    const answer = record.get(call)?.(asked);
    if (answer === undefined) refused.push(call);
    const [status, json] = answer === undefined ? [501, { error: `not recorded: ${call}` }] : [answer].flat();
    response.writeHead(Number(status), { 'content-type': 'application/json' });
    response.end(json === undefined ? '' : JSON.stringify(json));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    count: (call) => calls.filter((each) => each.call === call).length,
    refused,
    answer: (call, answer) => void record.set(call, answer),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
