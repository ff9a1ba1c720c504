/** The composition root: settings → parts. Everything that a process holds open is closed by `close`. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Logger } from 'pino';
import { type AccessOptions, access as openAccess } from '../access/index.ts';
import { openAudit } from '../core/audit.ts';
import { auditKey, fileHeads } from '../core/audit-files.ts';
import { verifyAudit } from '../core/audit-verify.ts';
import { exceptions as openExceptions, readExceptionPolicy } from '../core/exceptions/index.ts';
import { inventoryFile, noInventory } from '../core/inventory.ts';
import { lastReadable } from '../core/inventory-facts.ts';
import { createMetrics } from '../core/metrics.ts';
import type { Store } from '../core/store.ts';
import { loadIncidentPolicies, incidents as openIncidents } from '../incidents/index.ts';
import { openPatching, playbooks as openPlaybooks, type PlaybooksOptions } from '../playbooks/index.ts';
import { namesMeaning } from '../targets/system-names.ts';
import { openBacktests } from './backtests.ts';
import { openDetection } from './detection.ts';
import { executor } from './executor.ts';
import { indicatorLists } from './indicator-lists.ts';
import { knowledge } from './knowledge.ts';
import { openLog } from './log.ts';
import { openStore } from './open-store.ts';
import type { Parts } from './parts.ts';
import { patchTasks } from './patch-tasks.ts';
import { pseudonymOf } from './pseudonym.ts';
import { report } from './report.ts';
import { reports } from './reports.ts';
import { type Settings, shipped } from './settings.ts';
import { recordShadow } from './shadow-record.ts';
import { tokens } from './tokens.ts';

export interface ComposeOptions {
  /** A store already open; `close` then leaves it open. */
  store?: Store;
  now?: () => number;
  log?: Logger;
  /** Actions and flows other than the shipped ones. */
  playbooks?: Partial<PlaybooksOptions>;
  access?: Partial<AccessOptions>;
}

// The old objects are looked through when there are two and a half times, not four times, as many as were needed.
const COLLECT_OFTEN = '--heap-growing-percent=150';

export async function compose(settings: Settings, options: ComposeOptions = {}): Promise<Parts> {
  setFlagsFromString(COLLECT_OFTEN);
  const now = options.now ?? Date.now;
  const log = options.log ?? openLog();
  await mkdir(settings.state, { recursive: true, mode: 0o700 });
  const store = options.store ?? (await openStore(settings));
  try {
    return await assemble();
  } catch (cause) {
    if (!options.store) await store.close();
    throw cause;
  }

  async function assemble(): Promise<Parts> {
    const version = await ownVersion();
    const pseudonym = pseudonymOf(settings);
    const metrics = createMetrics({ version });
    const policy = readExceptionPolicy(shipped('policies', 'exceptions.yml'));
    const detection = await openDetection(
      settings,
      knowledge({
        store,
        exceptions: policy,
        now,
        namesOf: (system) => namesMeaning(settings.targets, system),
      }),
    );
    metrics.set('vigia_rules_loaded', { state: 'loaded' }, detection.loaded);
    metrics.set('vigia_rules_loaded', { state: 'refused' }, detection.refused.length);
    const exceptions = openExceptions({ documents: store.documents, policy, now });
    const incidents = openIncidents({
      store,
      policies: await loadIncidentPolicies(shipped('policies')),
      now,
    });
    const inventory = settings.inventory ? inventoryFile(settings.inventory) : undefined;
    const policiesFolder = options.playbooks?.policiesFolder ?? shipped('policies');
    const playbooks = openPlaybooks({
      store,
      targets: settings.targets,
      policiesFolder,
      flowsFolder: shipped('playbooks', 'flows'),
      ...(inventory ? { inventory } : {}),
      ownHosts: ownHosts(settings),
      privileges: {
        // Asked for by a run that people approved; access itself journals who and why.
        async end(id, reason) {
          await access.takeBack(id, { by: 'vigia', roles: ['responder'], reason });
          return await access.advance(id);
        },
        standing: (groups) => access.standing(groups),
      },
      now,
      ...options.playbooks,
    });
    const trail = {
      documents: store.documents,
      key: await auditKey(join(settings.state, 'audit.key')),
      heads: fileHeads(join(settings.state, 'audit-heads')),
    };
    const audit = await openAudit({ ...trail, writer: 'api', now });
    const access = openAccess({
      store,
      targets: settings.targets,
      policyFile: shipped('policies', 'access.yml'),
      now,
      tell: async ({ action, id, details }) =>
        void (await audit.record({ who: 'vigia', action, target: id, details })),
      ...options.access,
    });
    const backtests = openBacktests({
      store,
      settings,
      rules: detection.rules.filter((rule) => rule.kind === 'rule'),
      now,
      known: detection.known,
    });
    const { execute, settled } = executor(playbooks, log);
    const parts: Parts = {
      version,
      settings,
      store,
      detection,
      exceptions,
      indicators: indicatorLists(store.documents, now),
      inventory: lastReadable(inventory ?? (() => noInventory), (message) => log.warn(message)),
      ...(pseudonym === undefined ? {} : { pseudonym }),
      backtests,
      incidents,
      playbooks,
      access,
      patching: openPatching({ store, targets: settings.targets, policiesFolder, now }),
      patchTasks: patchTasks({ store, incidents, policiesFolder, now }),
      reports: reports({ incidents, settings, now }),
      audit,
      verifyAudit: () => verifyAudit(trail),
      tokens: tokens(store, now),
      metrics,
      log,
      now,
      execute,
      settled,
      report: () => report(parts),
      async close() {
        await backtests.close();
        await settled();
        if (!options.store) await store.close();
      },
    };
    await recordShadow(parts);
    return parts;
  }
}

const ownHosts = ({ store }: Settings): string[] =>
  store.kind === 'elasticsearch' ? store.nodes.map((node) => new URL(node).hostname) : [];

const ownVersion = async (): Promise<string> =>
  (JSON.parse(await readFile(shipped('package.json'), 'utf8')) as { version: string }).version;
