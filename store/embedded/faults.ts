/** Errors on their way from the worker thread to the caller: class and hint would be lost in a plain message. */
import { type ExitCode, errors, VigiaError } from '../../core/errors.ts';

export type Fault =
  | {
      kind: 'expected';
      message: string;
      code: string;
      exitCode: ExitCode;
      status: number;
      hint: string | undefined;
    }
  | { kind: 'storage'; message: string }
  | { kind: 'bug'; message: string; stack: string | undefined };

export function faultOf(thrown: unknown): Fault {
  if (thrown instanceof VigiaError) {
    const { message, code, exitCode, status, hint } = thrown;
    return { kind: 'expected', message, code, exitCode, status, hint };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if ((thrown as { code?: string }).code === 'ERR_SQLITE_ERROR') return { kind: 'storage', message };
  return { kind: 'bug', message, stack: thrown instanceof Error ? thrown.stack : undefined };
}

export function errorOf(fault: Fault, operation: string): Error {
  switch (fault.kind) {
    case 'expected':
      return new VigiaError(fault.message, {
        code: fault.code,
        exitCode: fault.exitCode,
        status: fault.status,
        ...(fault.hint === undefined ? {} : { hint: fault.hint }),
      });
    case 'storage':
      return errors.remote(
        'embedded store',
        operation,
        fault.message,
        'check free space and rights of the folder; nothing of this call was kept',
      );
    case 'bug': {
      const error = new Error(fault.message);
      if (fault.stack !== undefined) error.stack = fault.stack;
      return error;
    }
  }
}
