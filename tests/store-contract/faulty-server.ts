/** Stands in front of a real Elasticsearch and breaks what it is told to: the faults that a healthy node will not produce. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to one request, in order of arrival; without a fault left, requests pass. */
export type Fault =
  | { kind: 'answer'; status: number; body?: object }
  /** Every second item is answered with the status and not written; the others are. */
  | { kind: 'items'; status: number; type: string }
  /** Written, but the connection ends before the answer. */
  | { kind: 'cut-after' }
  | { kind: 'cut-before' }
  /** Bodies above the limit are answered with 413, as long as the fault stands. */
  | { kind: 'body-limit'; bytes: number };

export interface FaultyServer {
  url: string;
  /** Faults for requests whose `METHOD /path` matches. */
  break(pattern: RegExp, ...faults: Fault[]): void;
  mend(): void;
  /** Bodies of the requests that matched so far. */
  readonly broken: { status: number; bytes: number }[];
  close(): Promise<void>;
}

export async function startFaultyServer(target: string): Promise<FaultyServer> {
  let pattern = /^$/;
  let faults: Fault[] = [];
  const broken: { status: number; bytes: number }[] = [];
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing));

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const isBroken = pattern.test(`${incoming.method} ${incoming.url}`);
    const fault = isBroken ? take(body) : undefined;
    const record = (status: number) => broken.push({ status, bytes: body.length });
    switch (fault?.kind) {
      case undefined:
        if (isBroken) record(200);
        return pass(incoming, body, outgoing);
      case 'answer':
        record(fault.status);
        return answer(
          outgoing,
          fault.status,
          fault.body ?? { error: { type: 'made_up_exception', reason: 'a made-up fault' } },
        );
      case 'body-limit':
        record(413);
        return answer(outgoing, 413, {});
      case 'cut-before':
        record(0);
        incoming.socket.destroy();
        return;
      case 'cut-after':
        record(0);
        await forward(incoming, body);
        incoming.socket.destroy();
        return;
      case 'items':
        record(fault.status);
        return someItems(incoming, body, outgoing, fault);
    }
  }

  function take(body: Buffer): Fault | undefined {
    const [first] = faults;
    if (first?.kind !== 'body-limit') return faults.shift();
    return body.length > first.bytes ? first : undefined;
  }

  function forward(
    incoming: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const headers = {
        ...incoming.headers,
        host: new URL(target).host,
        'content-length': String(body.length),
      };
      const outgoing = request(
        new URL(incoming.url ?? '/', target),
        { method: incoming.method, headers },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 500,
              headers: response.headers,
              body: Buffer.concat(chunks),
            }),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  async function pass(incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): Promise<void> {
    const { status, headers, body: answered } = await forward(incoming, body);
    delete headers['transfer-encoding'];
    outgoing.writeHead(status, { ...headers, 'content-length': String(answered.length) });
    outgoing.end(answered);
  }

  async function someItems(
    incoming: IncomingMessage,
    body: Buffer,
    outgoing: ServerResponse,
    fault: Extract<Fault, { kind: 'items' }>,
  ): Promise<void> {
    const lines = body.toString().trimEnd().split('\n');
    const kept = lines.filter((_, index) => Math.floor(index / 2) % 2 === 0);
    const { body: answered } = await forward(incoming, Buffer.from(`${kept.join('\n')}\n`));
    const good = (JSON.parse(answered.toString()) as { items: object[] }).items;
    const bad = { create: { status: fault.status, error: { type: fault.type, reason: 'a made-up fault' } } };
    const items = Array.from({ length: lines.length / 2 }, (_, index) =>
      index % 2 === 0 ? good[index / 2] : bad,
    );
    answer(outgoing, 200, { took: 1, errors: true, items });
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    break(requests, ...added) {
      pattern = requests;
      faults = added;
      broken.length = 0;
    },
    mend() {
      pattern = /^$/;
      faults = [];
    },
    broken,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(outgoing: ServerResponse, status: number, body: object): void {
  outgoing.writeHead(status, {
    'content-type': 'application/vnd.elasticsearch+json;compatible-with=9',
    'x-elastic-product': 'Elasticsearch',
  });
  outgoing.end(JSON.stringify(body));
}
