/** Sends mail over SMTP: encrypted or not at all, unless the server is this machine, and only to addresses that the settings allow. */
import nodemailer from 'nodemailer';
import { errors } from '../core/errors.ts';
import { type ChangeCalls, changing } from './calls.ts';
import { maskSent } from './mask-sent.ts';
import { type MailSettings, readAuthority, readSecret } from './settings.ts';
import { type ProbeOptions, probeRecipients, type Reply } from './smtp-probe.ts';

export interface Message {
  /** Makes the message known to servers and readers, so that a doubled one is seen as such. */
  readonly id: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

export interface Mail {
  readonly server: string;
  /** Throws `errors.refused` when a recipient is not allowed. */
  expectAllowed(to: readonly string[]): void;
  /** What the server said when it took the message. */
  send(message: Message): Promise<string>;
  /** Logs on and sends nothing. */
  reach(): Promise<void>;
  /** What the server answers when asked whether it would take mail for each of them; none is sent. */
  wouldTake(addresses: readonly string[]): Promise<Reply[]>;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1']);

export function mailOf(system: string, settings: MailSettings, calls: ChangeCalls): Mail {
  const server = `${settings.host}:${settings.port ?? 587}`;
  const expectAllowed = (to: readonly string[]): void => {
    const isAllowed = (address: string) => {
      const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
      return settings.domains.some((each) => each.toLowerCase() === domain);
    };
    const others = to.filter((address) => !isAllowed(address));
    if (others.length > 0)
      throw errors.refused(
        `mail may not go to ${others.map((address) => JSON.stringify(address)).join(', ')}`,
        `target ${system} allows: ${settings.domains.join(', ')}`,
      );
  };
  /** The password is read just in time; what the server says about it is not repeated. */
  const connected = async <T>(
    operation: string,
    use: (
      transport: ReturnType<typeof transportOf>,
      told: (said: string) => string,
      password: string,
    ) => Promise<T>,
  ): Promise<T> => {
    const password = settings.user === undefined ? '' : readSecret(system, settings);
    const told = (said: string) => maskSent(said, formsOf(settings.user ?? '', password));
    const transport = transportOf(system, settings, password);
    try {
      return await use(transport, told, password);
    } catch (cause) {
      const why = Object.assign(
        new Error(told(cause instanceof Error ? cause.message : String(cause))),
        answered(cause),
      );
      throw errors.remote(`${system} (${server})`, operation, why, hintFor(cause));
    } finally {
      transport.close();
    }
  };
  return {
    server,
    expectAllowed,
    reach: () => connected('logon', async (transport) => void (await transport.verify())),
    wouldTake: (addresses) =>
      connected('asking for recipients', (_transport, told, password) =>
        probeRecipients(probeOf(system, settings, password), addresses).then((replies) =>
          replies.map(({ code, text }) => ({ code, text: told(text) })),
        ),
      ),
    send: (message) =>
      changing(calls, 'mail send', async () => {
        expectAllowed(message.to);
        return await connected('sending mail', async (transport, told) => {
          const { accepted, response } = await transport.sendMail({
            from: settings.from,
            to: [...message.to],
            subject: message.subject,
            text: message.text,
            messageId: `<${message.id}@${settings.from.slice(settings.from.lastIndexOf('@') + 1)}>`,
            // A message is what its text says: nothing is read from a disk or fetched for it.
            disableFileAccess: true,
            disableUrlAccess: true,
          });
          if (accepted.length < message.to.length)
            throw new Error(`only ${accepted.length} recipients were accepted`);
          return told(response);
        });
      }),
  };
}

/** As the protocol sends it: bare, alone in Base64, and with the name before it. */
const formsOf = (user: string, password: string): string[] =>
  password === ''
    ? []
    : [password, ...[password, `\0${user}\0${password}`].map((form) => Buffer.from(form).toString('base64'))];

function transportOf(system: string, settings: MailSettings, password: string) {
  const { host, port = 587, caFile } = settings;
  const timeout = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const isPlain = caFile === undefined && LOOPBACK.has(host);
  return nodemailer.createTransport({
    host,
    port,
    secure: port === 465,
    requireTLS: !isPlain,
    ignoreTLS: isPlain,
    tls: caFile === undefined ? {} : { ca: readAuthority(system, caFile) },
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    ...(settings.user === undefined ? {} : { auth: { user: settings.user, pass: password } }),
  });
}

function probeOf(system: string, settings: MailSettings, password: string): ProbeOptions {
  const { host, port = 587, caFile, user, from, timeoutMs = DEFAULT_TIMEOUT_MS } = settings;
  const isPlain = caFile === undefined && LOOPBACK.has(host);
  return {
    host,
    port,
    tls: port === 465 ? 'at once' : isPlain ? 'none' : 'after STARTTLS',
    tlsOptions: caFile === undefined ? {} : { ca: readAuthority(system, caFile) },
    ...(user === undefined ? {} : { login: { user, password } }),
    from,
    timeoutMs,
  };
}

/** What the server or the system said in numbers; the words may repeat a secret. */
const answered = (cause: unknown): { code?: unknown; responseCode?: unknown } => {
  const { code, responseCode } = cause as { code?: unknown; responseCode?: unknown };
  return { ...(code === undefined ? {} : { code }), ...(responseCode === undefined ? {} : { responseCode }) };
};

function hintFor(cause: unknown): string | undefined {
  const { code } = cause as { code?: unknown };
  if (code === 'EAUTH') return 'check the account of Vigia on that server and its password';
  if (code === 'ESOCKET' || code === 'ETLS') return 'check the certificate of the server, and caFile';
  return undefined;
}
