/**
 * The thread that owns the SQLite connection. Writes that wait together share one transaction, hence one fsync (group commit);
 * none is answered before it is on disk. Long reads run in slices between them.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { batchOperations, freeLeases } from './batch-operations.ts';
import { type Database, openDatabase } from './database.ts';
import { documentOperations } from './document-operations.ts';
import { eventOperations } from './event-operations.ts';
import { type Fault, faultOf } from './faults.ts';
import type { Steps, Write } from './operation.ts';

const operationsOn = (db: Database) => ({
  ...eventOperations(db),
  ...documentOperations(db),
  ...batchOperations(db),
});
export type Operations = ReturnType<typeof operationsOn>;

export interface Request {
  number: number;
  name: keyof Operations | 'close';
  input: unknown;
}
export type Answer = { number: number; output: unknown } | { number: number; fault: Fault };

/** Writes of one transaction: enough to share the fsync, few enough to keep the first one from waiting long. */
const GROUP = 64;

function serve(port: NonNullable<typeof parentPort>, file: string): void {
  const db = openDatabase(file);
  freeLeases(db);
  // The table keeps input and output types for the caller (`Operations`); here only the shape matters.
  const operations = operationsOn(db) as unknown as Record<
    string,
    Write<unknown, unknown> | Steps<unknown, unknown>
  >;
  const waiting: Request[] = [];
  const running: {
    request: Request;
    operation: Steps<unknown, unknown>;
    work: Generator<undefined, unknown, undefined>;
  }[] = [];
  let isScheduled = false;

  const answer = (message: Answer): void => port.postMessage(message);
  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(turn);
  };

  function turn(): void {
    isScheduled = false;
    for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port))
      waiting.push(more.message as Request);
    const group: Request[] = [];
    while (waiting.length > 0 && group.length < GROUP && operations[waiting[0]!.name]?.kind === 'write')
      group.push(waiting.shift()!);
    if (group.length > 0) writeGroup(group);
    else if (waiting.length > 0) start(waiting.shift()!);
    const slice = running.shift();
    if (slice) step(slice);
    if (waiting.length > 0 || running.length > 0) schedule();
  }

  function writeGroup(group: readonly Request[]): void {
    const answers: Answer[] = [];
    try {
      db.run('BEGIN IMMEDIATE');
      for (const request of group) answers.push(writeOne(request));
      db.run('COMMIT');
    } catch (thrown) {
      rollBack('ROLLBACK');
      const fault = faultOf(thrown);
      for (const request of group) answer({ number: request.number, fault });
      return;
    }
    for (const message of answers) answer(message);
  }

  /** Each request undoes its own part when it fails, and the others of the group go on. */
  function writeOne(request: Request): Answer {
    const operation = operations[request.name] as Write<unknown, unknown>;
    db.run('SAVEPOINT one');
    try {
      const output = operation.run(request.input);
      db.run('RELEASE one');
      return { number: request.number, output };
    } catch (thrown) {
      db.run('ROLLBACK TO one; RELEASE one');
      return { number: request.number, fault: faultOf(thrown) };
    }
  }

  function start(request: Request): void {
    if (request.name === 'close') {
      if (running.length > 0) {
        waiting.unshift(request); // what was asked before is answered first
        return;
      }
      db.close();
      answer({ number: request.number, output: undefined });
      port.close();
      return;
    }
    const operation = operations[request.name] as Steps<unknown, unknown>;
    running.push({ request, operation, work: operation.run(request.input) });
  }

  function step(slice: (typeof running)[number]): void {
    const { number } = slice.request;
    try {
      if (slice.operation.writes) db.run('BEGIN IMMEDIATE');
      const result = slice.work.next();
      if (slice.operation.writes) db.run('COMMIT');
      if (result.done) answer({ number, output: result.value });
      else running.push(slice);
    } catch (thrown) {
      if (slice.operation.writes) rollBack('ROLLBACK');
      answer({ number, fault: faultOf(thrown) });
    }
  }

  /** SQLite has rolled back already after some errors (disk full); then there is nothing left to undo. */
  function rollBack(statement: string): void {
    try {
      db.run(statement);
    } catch (thrown) {
      if (!String(thrown).includes('no transaction is active')) throw thrown;
    }
  }

  port.on('message', (request: Request) => {
    waiting.push(request);
    schedule();
  });
  answer({ number: 0, output: undefined });
}

if (parentPort) {
  try {
    serve(parentPort, (workerData as { file: string }).file);
  } catch (thrown) {
    parentPort.postMessage({ number: 0, fault: faultOf(thrown) } satisfies Answer);
  }
}
