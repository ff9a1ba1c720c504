/** Looks at everything an installation depends on and says what is wrong and how to mend it. Shows names, never secrets. */
import { loadPolicies, reachChains } from '../playbooks/index.ts';
import type { TargetSettings } from '../targets/settings.ts';
import { openDetection } from './detection.ts';
import { secretFindings } from './doctor-secrets.ts';
import { sourceFindings } from './doctor-sources.ts';
import { type Finding, failed } from './finding.ts';
import { knownAs, reachTarget } from './reach-target.ts';
import type { HealthReport } from './report.ts';
import { type Settings, shipped } from './settings.ts';

export interface DoctorOptions {
  settings: Settings;
  /** Where the settings came from; undefined for the defaults. */
  file: string | undefined;
  /** What the running service, or a process of our own, says about the store. */
  health: () => Promise<HealthReport>;
  now: () => number;
}

export async function doctor(options: DoctorOptions): Promise<Finding[]> {
  const { settings, file } = options;
  const { findings: store, newestWrite } = await storeFindings(options);
  return [
    { area: 'settings', name: 'file', ok: true, detail: file ?? 'none; the defaults hold' },
    ...inForce(settings).map(([name, detail]): Finding => ({ area: 'settings', name, ok: true, detail })),
    ...store,
    ...(await ruleFindings(settings)),
    ...(await Promise.all(settings.sources.map(sourceFindings))).flat(),
    ...(await Promise.all(
      Object.entries(settings.targets).map(([name, target]) => targetFinding(name, target)),
    )),
    ...(await onCallFindings(settings, options.now)),
    ...(await secretFindings(settings)),
    clock(options.now(), newestWrite),
  ];
}

const inForce = ({ state, store, sources, retentionDays, api }: Settings): [string, string][] => [
  ['state', state],
  [
    'store',
    store.kind === 'embedded' ? `embedded, ${store.file}` : `elasticsearch, ${store.nodes.join(' ')}`,
  ],
  ['sources', `${sources.length}`],
  ['retention', `${retentionDays} days`],
  ['api', `${api.tls ? 'https' : 'http'}://${api.host}:${api.port}`],
];

async function storeFindings({
  health,
}: DoctorOptions): Promise<{ findings: Finding[]; newestWrite: number }> {
  try {
    const { store, deadLetters, sources } = await health();
    const newestWrite = Math.max(0, ...sources.map(({ lastAt }) => Date.parse(lastAt)));
    const detail = `${store.state}: ${store.detail}; ${store.events} events, ${deadLetters} dead letters`;
    return { findings: [{ area: 'store', name: store.kind, ok: store.state === 'ok', detail }], newestWrite };
  } catch (cause) {
    return { findings: [failed('store', 'reachable', cause)], newestWrite: 0 };
  }
}

async function ruleFindings(settings: Settings): Promise<Finding[]> {
  try {
    const { loaded, refused } = await openDetection(settings);
    const remedy = 'vigia rules check names every mistake with its place';
    return [
      {
        area: 'rules',
        name: 'loaded',
        ok: loaded > 0,
        detail: `${loaded} rules from ${settings.rules.join(' ')}`,
      },
      ...refused.map((detail): Finding => ({ area: 'rules', name: 'refused', ok: false, detail, remedy })),
    ];
  } catch (cause) {
    return [failed('rules', 'loaded', cause)];
  }
}

/** Logs in as Vigia would, and does nothing. */
async function targetFinding(name: string, target: TargetSettings): Promise<Finding> {
  try {
    const detail = `${target.kind}, ${await reachTarget(name, target)}`;
    return { area: 'targets', name, ok: true, detail };
  } catch (cause) {
    const { detail, remedy } = failed('targets', name, cause);
    return {
      area: 'targets',
      name,
      ok: false,
      detail: `${target.kind}, account ${knownAs(target)}: ${detail}`,
      ...(remedy ? { remedy } : {}),
    };
  }
}

/** Nobody is bothered; what cannot be known is said, and is not wrong. */
async function onCallFindings({ targets }: Settings, now: () => number): Promise<Finding[]> {
  try {
    const found = await reachChains(loadPolicies(shipped('policies')).onCall, targets, now);
    return found.map(({ chain, who, outcome, detail }): Finding => {
      const ok = outcome !== 'not-proven';
      const remedy = 'mend the channel, or the chain in policies/on-call.yml';
      return {
        area: 'on-call',
        name: `${chain}: ${who}`,
        ok,
        detail: outcome === 'unknown' ? `NOT KNOWN: ${detail}` : detail,
        ...(ok ? {} : { remedy }),
      };
    });
  } catch (cause) {
    return [failed('on-call', 'policies', cause)];
  }
}

/** Before this, the clock of a machine that runs Vigia is wrong. */
const EARLIEST = Date.parse('2026-01-01T00:00:00Z');
const TOLERATED_MS = 60_000;

function clock(now: number, newestWrite: number): Finding {
  const isRight = now > EARLIEST && now + TOLERATED_MS > newestWrite;
  const behind =
    newestWrite > now ? `, ${Math.round((newestWrite - now) / 1_000)} s behind the newest write` : '';
  const remedy = 'set the clock by NTP; deadlines and correlations depend on it';
  return {
    area: 'clock',
    name: 'UTC',
    ok: isRight,
    detail: `${new Date(now).toISOString()}${behind}`,
    ...(isRight ? {} : { remedy }),
  };
}
