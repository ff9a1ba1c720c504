/** A database server whose accounts are changed over a connection of its driver: Oracle and SQL Server. */
import { type ChangeCalls, changing } from './calls.ts';
import type { Row } from './postgresql.ts';

/** One statement that changes something. What the server says about it is shown without the secret in it. */
export interface AccountStatement {
  readonly sql: string;
  readonly secret?: string;
  /** Numbers of errors by which the server says that it is so already. */
  readonly already?: readonly number[];
}

export interface AccountServer {
  /** What tells this server from others. */
  readonly server: string;
  /** `operation` says in words what for, for messages. Binds are positional, in the way of the server. */
  read(operation: string, sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** One after the other: a failure leaves the first ones done. */
  change(operation: string, statements: readonly AccountStatement[]): Promise<void>;
}

/** Sends each statement once; `numberOf` finds the server's own number of an error. */
export async function changeEach(
  calls: ChangeCalls,
  operation: string,
  statements: readonly AccountStatement[],
  { send, numberOf }: { send(sql: string): Promise<unknown>; numberOf(cause: unknown): number | undefined },
): Promise<void> {
  for (const { sql, secret, already = [] } of statements)
    await changing(calls, `sql ${operation}`, async () => {
      try {
        await send(sql);
      } catch (cause) {
        const number = numberOf(cause);
        if (number !== undefined && already.includes(number)) return;
        throw secret === undefined ? cause : withoutSecret(cause, secret);
      }
    });
}

/** Servers quote the statement that they do not understand. */
function withoutSecret(cause: unknown, secret: string): Error {
  const { message, number } = cause as { message?: unknown; number?: unknown };
  return Object.assign(new Error(String(message ?? cause).replaceAll(secret, '<masked>')), { number });
}

/** `"ANNA"`: names cannot be bind parameters. Oracle knows no way to write a quotation mark inside a name, so none is in one. */
export function doubleQuoted(name: string): string {
  if (name.includes('"')) throw new Error('a name of Oracle holds no quotation mark');
  return `"${name}"`;
}

/** `[anna]` */
export const bracketed = (name: string): string => `[${name.replaceAll(']', ']]')}]`;

/** `N'anna'` */
export const unicodeLiteral = (text: string): string => `N'${text.replaceAll("'", "''")}'`;
