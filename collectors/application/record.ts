/** One record of an application's log, whatever framework wrote it; `event.ts` makes the event of it. */

export interface AppError {
  /** `java.sql.SQLException` */
  type?: string;
  message?: string;
  stack?: string;
  /** Types of the exceptions that caused it, outermost first. */
  causes: readonly string[];
}

export interface AppRecord {
  /** As written; missing where the layout has none. */
  time?: string;
  /** As written: `INFO`, `warn`, `Information`. */
  level?: string;
  /** Class or category that logs. */
  logger?: string;
  thread?: string;
  pid?: string;
  /** Name of the application. */
  service?: string;
  host?: string;
  /** What is said, without the stack trace. */
  message: string;
  /** The message before its values were put in, where the layout keeps it. */
  template?: string;
  /** Number that the application gave this kind of record. */
  code?: string;
  error?: AppError;
  /** Trace, span, transaction, request. */
  trace?: string;
  span?: string;
  transaction?: string;
  request?: string;
  /** Named values beside the message. */
  values: Readonly<Record<string, string>>;
  /** ECS fields that the application itself wrote. */
  action?: string;
  outcome?: string;
}
