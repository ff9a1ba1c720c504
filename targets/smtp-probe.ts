/**
 * Asks a mail server whether it would take mail for an address, and sends none: the dialogue ends after RCPT TO. The mail
 * library has no such question, so these few commands (RFC 5321) are spoken here.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

export interface ProbeOptions {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte, after STARTTLS, or not at all. */
  readonly tls: 'at once' | 'after STARTTLS' | 'none';
  readonly tlsOptions: ConnectionOptions;
  readonly login?: { readonly user: string; readonly password: string };
  readonly from: string;
  readonly timeoutMs: number;
}

export interface Reply {
  readonly code: number;
  readonly text: string;
}

const MAX_REPLY = 65_536;

/** What the server answers to RCPT TO for each address, in their order. Throws when it refuses us before that. */
export async function probeRecipients(options: ProbeOptions, addresses: readonly string[]): Promise<Reply[]> {
  const { host, port, tls, tlsOptions, login, from, timeoutMs } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  const secured = { host, servername: host, ...tlsOptions };
  let socket: Socket = tls === 'at once' ? connectTls({ port, ...secured }) : connect({ host, port });
  try {
    await ready(socket, tls === 'at once' ? 'secureConnect' : 'connect', signal);
    let ask = dialogue(socket, signal);
    await expectCode(ask(), 220);
    await expectCode(ask(`EHLO vigia`), 250);
    if (tls === 'after STARTTLS') {
      await expectCode(ask('STARTTLS'), 220);
      socket.removeAllListeners('data');
      socket = connectTls({ socket, ...secured });
      await ready(socket, 'secureConnect', signal);
      ask = dialogue(socket, signal);
      await expectCode(ask(`EHLO vigia`), 250);
    }
    if (login !== undefined) {
      const secret = Buffer.from(`\0${login.user}\0${login.password}`).toString('base64');
      await expectCode(ask(`AUTH PLAIN ${secret}`), 235);
    }
    await expectCode(ask(`MAIL FROM:<${from}>`), 250);
    const replies: Reply[] = [];
    for (const address of addresses) replies.push(await ask(`RCPT TO:<${address}>`));
    await ask('RSET');
    await ask('QUIT');
    return replies;
  } finally {
    socket.destroy();
  }
}

async function ready(socket: Socket, event: string, signal: AbortSignal): Promise<void> {
  await once(socket, event, { signal });
  // Errors after this are met by whoever waits for a reply.
  socket.on('error', () => undefined);
}

type Ask = (command?: string) => Promise<Reply>;

/** One command, one reply of one or more lines (`250-…`, `250 …`). */
function dialogue(socket: Socket, signal: AbortSignal): Ask {
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
    if (text.length > MAX_REPLY) socket.destroy(new Error('the answer of the mail server is too long'));
  });
  return async (command) => {
    if (command !== undefined) socket.write(`${command}\r\n`);
    for (;;) {
      const [whole, code] = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: [^\n]*)?\n/.exec(text) ?? [];
      if (whole !== undefined) {
        text = text.slice(whole.length);
        return { code: Number(code), text: whole.trim().slice(0, 300) };
      }
      if (socket.destroyed || socket.readableEnded) throw new Error('the mail server hung up');
      await Promise.race([once(socket, 'data', { signal }), once(socket, 'close', { signal })]);
    }
  };
}

async function expectCode(reply: Promise<Reply>, code: number): Promise<void> {
  const { code: got, text } = await reply;
  if (got !== code) throw Object.assign(new Error(text), { responseCode: got });
}
