/** Sessions through the gateway: where it leads, that a recording began, and the hash with which it ended. */
import type { Access } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { bareName } from '../core/grants.ts';
import { changeAccess, isoOf, readAccess } from './change.ts';
import { append, type Engine, targetOf } from './engine.ts';
import type { Gateway } from './gateway.ts';

export interface RecordingStart {
  /** Of this session; whoever records makes it. */
  readonly id: string;
  readonly file: string;
}

export interface RecordingEnd {
  readonly bytes: number;
  readonly sha256: string;
}

/** More sessions than this in one access are somebody's loop. */
const MOST_RECORDINGS = 1_000;

export async function gatewayOf(engine: Engine, id: string, by: string): Promise<Gateway> {
  const access = await readAccess(engine, id);
  expectHolder(access, by);
  const settings = targetOf(engine, access.system);
  if (settings.kind !== 'ssh')
    throw errors.refused(
      `${id} is for ${access.system}, which is no host`,
      'only sessions on hosts are recorded',
    );
  expectActive(engine, access);
  const { host, port, hostKey } = settings;
  return {
    id,
    system: access.system,
    host: { host, user: access.account, hostKey, ...(port === undefined ? {} : { port }) },
    to: access.given!.to,
  };
}

/** Before the session is opened: what cannot be written down does not begin. */
export async function recordingStarted(
  engine: Engine,
  id: string,
  by: string,
  { id: session, file }: RecordingStart,
): Promise<Access> {
  const check = (access: Access): void => {
    expectHolder(access, by);
    expectActive(engine, access);
    if (access.recordings.length >= MOST_RECORDINGS)
      throw errors.refused(`${id} has ${MOST_RECORDINGS} recorded sessions already`, 'ask anew');
    if (access.recordings.some((one) => one.id === session))
      throw errors.conflict(`the recording ${session}`, 'begin another session');
  };
  check(await readAccess(engine, id));
  await append(engine, id, { entry: 'session-started', by, data: { session, file } });
  return await changeAccess(engine, id, 'session started', (access) => {
    check(access);
    const recording = { id: session, by, from: isoOf(engine.now()), file };
    return { ...access, recordings: [...access.recordings, recording] };
  });
}

/** Also after the access ended: that is what ends sessions. What was said once is not changed. */
export async function recordingEnded(
  engine: Engine,
  id: string,
  by: string,
  session: string,
  { bytes, sha256 }: RecordingEnd,
): Promise<Access> {
  const check = (access: Access): void => {
    const found = access.recordings.find((one) => one.id === session);
    if (found === undefined) throw errors.notFound(`recording of ${id}`, session);
    if (bareName(found.by) !== bareName(by)) throw errors.refused(`${session} was recorded by ${found.by}`);
    if (found.sha256 !== undefined) throw errors.refused(`the recording ${session} was closed before`);
  };
  check(await readAccess(engine, id));
  await append(engine, id, { entry: 'session-ended', by, data: { session, bytes, sha256 } });
  return await changeAccess(engine, id, 'session ended', (access) => {
    check(access);
    const to = isoOf(engine.now());
    const recordings = access.recordings.map((one) =>
      one.id === session ? { ...one, to, bytes, sha256 } : one,
    );
    return { ...access, recordings };
  });
}

function expectHolder(access: Access, by: string): void {
  if (bareName(access.who) !== bareName(by))
    throw errors.refused(`${access.id} is ${access.who}'s, not ${by}'s`, 'ask for access of your own');
}

function expectActive(engine: Engine, access: Access): void {
  const isOver = access.takenBack !== undefined || engine.now() >= Date.parse(access.given?.to ?? '');
  if (access.state !== 'active' || isOver)
    throw errors.refused(`${access.id} is ${access.state === 'active' ? 'over' : access.state}`);
}
