/** Takes stack traces apart that follow a message: Java's and .NET's. Linear, bounded number of causes. */
import type { AppError } from './record.ts';

const MAX_CAUSES = 16;
/** `java.sql.SQLException: text`, `System.Data.SqlException (0x80131904): text`, at the start of a line. */
const HEAD =
  /^(?:Exception in thread "[^"]{0,256}" )?((?:[A-Za-z_$][\w$]{0,127}\.){1,20}[A-Za-z_$][\w$`]{0,127})(?: \(0x[0-9A-Fa-f]{8}\))?(?:: ([\s\S]*))?$/;
const CAUSE = /^\s*(?:Caused by: |(?:-{1,3}>) (?:\(Inner Exception #\d{1,3}\) )?)([\w.$`]{1,512})/;
const FRAME = /^\s+(?:at |\.\.\. \d{1,6} )|^\s*--- /;

const isHead = (line: string, next: string | undefined): RegExpExecArray | undefined => {
  const found = HEAD.exec(line);
  if (found === null) return undefined;
  const named = /(?:Exception|Error|Throwable|Failure)$/.test(found[1]!);
  return named || (next !== undefined && FRAME.test(next)) ? found : undefined;
};

/** An exception with its trace, as one text. */
export function errorOf(trace: string): AppError {
  const lines = trace.split('\n');
  const first = HEAD.exec(lines[0]!);
  const causes = lines.flatMap((line) => CAUSE.exec(line.slice(0, 600))?.[1] ?? []).slice(0, MAX_CAUSES);
  return {
    ...(first?.[1] === undefined ? {} : { type: first[1] }),
    ...(first?.[2] === undefined || first[2] === '' ? {} : { message: first[2] }),
    stack: trace,
    causes,
  };
}

/** The message and, where an exception follows it, the exception. */
export function splitTrace(text: string): { message: string; error?: AppError } {
  const lines = text.split('\n');
  const at = lines.findIndex((line, index) => index > 0 && isHead(line, lines[index + 1]) !== undefined);
  if (at < 0) return { message: text };
  return { message: lines.slice(0, at).join('\n'), error: errorOf(lines.slice(at).join('\n')) };
}
