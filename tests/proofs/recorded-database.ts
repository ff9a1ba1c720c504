/** Stands in for an Oracle database or a SQL Server: answers statements that are on its record, word for word, and refuses any other. */
import type { Drivers } from '../../playbooks/engine/engine.ts';
import type { Row } from '../../targets/postgresql.ts';

/** Rows, or nothing for a statement that changes something; what it throws is the server's error. */
export type Answer = (values: readonly unknown[]) => readonly Row[] | undefined;

/** Stands in a recorded statement for a secret that nobody knew before; the answer gets it as its value. */
export const SECRET = '<secret>';

export interface RecordedDatabase {
  readonly drivers: Drivers;
  /** Every statement that was sent, in order, with single blanks and without secrets. */
  readonly asked: readonly string[];
  /** Those that change something. */
  readonly changes: readonly string[];
  /** Sent, and not on the record: the test must find none. */
  readonly refused: readonly string[];
}

interface Options {
  /** Statements and what is answered; how many blanks and line breaks there are does not matter. */
  readonly record: Readonly<Record<string, Answer>>;
  /** Throws the server's error when that account may not log on with that secret. */
  logon(user: string, secret: string): void;
}

const oneLine = (sql: string): string => sql.replaceAll(/\s+/g, ' ').trim();

function secretIn(line: string, known: string): string[] | undefined {
  const [before, after, ...more] = known.split(SECRET);
  if (before === undefined || after === undefined || more.length > 0) return undefined;
  if (!line.startsWith(before) || !line.endsWith(after)) return undefined;
  return [line.slice(before.length, line.length - after.length)];
}

function asking({ record }: Options, unknown: (sql: string) => Error) {
  const answers = new Map(Object.entries(record).map(([sql, answer]) => [oneLine(sql), answer]));
  const asked: string[] = [];
  const refused: string[] = [];
  return {
    asked,
    refused,
    get changes() {
      return asked.filter((sql) => !sql.startsWith('SELECT '));
    },
    ask(sql: string, values: readonly unknown[]): readonly Row[] {
      const line = oneLine(sql);
      for (const [known, answer] of answers) {
        const secret = known === line ? [] : secretIn(line, known);
        if (secret === undefined) continue;
        asked.push(known);
        return answer([...secret, ...values]) ?? [];
      }
      asked.push(line);
      refused.push(line);
      throw unknown(line);
    },
  };
}

/** `ORA-01031: insufficient privileges`, as the driver throws it. */
export const oracleError = (code: number, text: string): Error =>
  new Error(`ORA-${String(code).padStart(5, '0')}: ${text}`);

/** `number`, as the driver throws it. */
export const sqlServerError = (number: number, text: string): Error =>
  Object.assign(new Error(text), { number });

export function recordedOracle(options: Options): RecordedDatabase {
  const desk = asking(options, (sql) => oracleError(900, `invalid SQL statement: ${sql}`));
  return Object.assign(desk, {
    drivers: {
      oracle: async () => ({
        async getConnection({ user, password }: Readonly<Record<string, unknown>>) {
          options.logon(String(user), String(password));
          return {
            callTimeout: 0,
            execute: async (sql: string, values: readonly unknown[]) => ({
              // Oracle folds the names of columns to capitals.
              rows: desk
                .ask(sql, values)
                .map((row) =>
                  Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value])),
                ),
            }),
            close: async () => undefined,
          };
        },
      }),
    },
  });
}

export function recordedSqlServer(options: Options): RecordedDatabase {
  const desk = asking(options, (sql) => sqlServerError(102, `Incorrect syntax near '${sql}'.`));
  return Object.assign(desk, {
    drivers: {
      sqlserver: async () => ({
        async connect({ user, password }: Readonly<Record<string, unknown>>) {
          options.logon(String(user), String(password));
          return {
            query: async (sql: string, values: readonly unknown[]) => desk.ask(sql, values),
            close: async () => undefined,
          };
        },
      }),
    },
  });
}
