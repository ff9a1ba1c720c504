/** Sources that Vigia asks, instead of reading files: trails of databases and the Office 365 Management Activity API. */
import { setTimeout as sleep } from 'node:timers/promises';
import { activityApiReader, CONTENT_TYPES } from '../collectors/activity-api/reader.ts';
import type { Collector, Framing } from '../collectors/collector.ts';
import { directoryReader } from '../collectors/reading/directory.ts';
import type { Reader } from '../collectors/reading/reader.ts';
import { sqlReader } from '../collectors/reading/sql.ts';
import { errors } from '../core/errors.ts';
import { readsOnly } from '../targets/calls.ts';
import { withDirectory } from '../targets/directory.ts';
import type { TargetsSettings } from '../targets/settings.ts';
import { openSql } from '../targets/sql.ts';
import { type ActivityApiSettings, readSecret, type SourceSettings } from './settings.ts';

const EVERY_SECONDS = 5;
const OVERLAP_SECONDS = 120;

export function trailReader(
  { framing, id }: Collector,
  settings: SourceSettings,
  targets: TargetsSettings,
): Reader {
  const { target = '', poll = {} } = settings;
  const found = Object.hasOwn(targets, target) ? targets[target] : undefined;
  const everyMs = (poll.everySeconds ?? EVERY_SECONDS) * 1_000;
  if (framing.kind === 'directory' && found?.kind === 'directory')
    return directoryReader((use) => withDirectory(target, found, readsOnly, use), { everyMs });
  if (framing.kind === 'rows' && found?.kind === framing.target)
    return sqlReader(framing.trail(poll.table), () => openSql(target, found), {
      everyMs,
      overlapMs: (poll.overlapSeconds ?? OVERLAP_SECONDS) * 1_000,
    });
  const wanted = askedTarget(framing);
  throw errors.usage(
    `source ${settings.id}: collector ${id} cannot read the target ${JSON.stringify(target)}`,
    wanted === undefined ? 'write "files" or "listen"' : `name a target of kind ${wanted}`,
  );
}

/** The kind of target that a collector asks. */
export const askedTarget = (framing: Framing): string | undefined =>
  framing.kind === 'rows' ? framing.target : framing.kind === 'directory' ? 'directory' : undefined;

/** Everything but DLP.All, which an application may read only with a further right. */
const USUAL_CONTENT = CONTENT_TYPES.filter((type) => type !== 'DLP.All');

export function pollerOf(settings: ActivityApiSettings): Reader {
  const { tenant, clientId } = settings;
  const api = {
    tenant,
    clientId,
    // Read for each token: a rotated secret is taken without a restart.
    clientSecret: () => readSecret(settings) ?? '',
    apiUrl: settings.apiUrl ?? 'https://manage.office.com',
    loginUrl: settings.loginUrl ?? 'https://login.microsoftonline.com',
    contentTypes: settings.contentTypes ?? USUAL_CONTENT,
    lookBackHours: settings.lookBackHours ?? 24,
    pollSeconds: settings.pollSeconds ?? 60,
  };
  return activityApiReader(api, {
    fetch,
    now: Date.now,
    random: Math.random,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
  });
}
