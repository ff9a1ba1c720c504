/** Looks at hosts, keeps what was found, and makes the input of a wave: hosts in order, exact versions, window and notice. */
import type { PatchHost } from '../../core/documents.ts';
import { errors, isConflict, VigiaError } from '../../core/errors.ts';
import type { Store } from '../../core/store.ts';
import { readsOnly } from '../../targets/calls.ts';
import type { SshSettings, TargetsSettings } from '../../targets/settings.ts';
import { withHost } from '../../targets/ssh.ts';
import { loadPolicies } from '../engine/policies.ts';
import type { Wave } from './policy.ts';
import { readState } from './read-state.ts';
import { type PlannedWave, waveOf } from './wave.ts';

export interface PatchingOptions {
  readonly store: Pick<Store, 'documents'>;
  readonly targets: TargetsSettings;
  /** Folder with `patching.yml` and the other policies of playbooks. */
  readonly policiesFolder: string;
  readonly now: () => number;
}

export interface Patching {
  /** Every host that was ever looked at, as last seen. */
  hosts(): Promise<PatchHost[]>;
  /** Looks again, changes nothing there; all hosts of kind ssh when none is named. One that fails keeps its last state. */
  scan(hosts?: readonly string[]): Promise<PatchHost[]>;
  /** Keeps a state that was found otherwise. */
  keep(host: PatchHost): Promise<void>;
  waves(): readonly Wave[];
  /** Looks at the hosts of a wave and says what a run of it would be asked for. */
  wave(id: string): Promise<PlannedWave>;
}

/** Hosts looked at beside each other. */
const AT_ONCE = 8;

export function openPatching({ store, targets, policiesFolder, now }: PatchingOptions): Patching {
  const sshHosts = new Map(
    Object.entries(targets).flatMap(([name, one]): [string, SshSettings][] =>
      one.kind === 'ssh' ? [[name, one]] : [],
    ),
  );
  const known = () => [...sshHosts.keys()];

  async function keep(found: PatchHost): Promise<void> {
    for (;;) {
      const stored = await store.documents.get('patch-host', found.host);
      try {
        if (stored !== undefined)
          await store.documents.update('patch-host', found.host, found, stored.version);
        else if ((await store.documents.create('patch-host', found.host, found)) === 'exists') continue;
        return;
      } catch (cause) {
        // Somebody else looked meanwhile: the newer look counts, and this one is it.
        if (!isConflict(cause)) throw cause;
      }
    }
  }

  async function look(name: string): Promise<PatchHost> {
    const { patching } = loadPolicies(policiesFolder);
    let found: PatchHost;
    try {
      found = {
        host: name,
        seen: await withHost(name, sshHosts.get(name)!, readsOnly, (host) =>
          readState(host, patching, now()),
        ),
      };
    } catch (cause) {
      if (!(cause instanceof VigiaError)) throw cause;
      const before = (await store.documents.get('patch-host', name))?.body.seen;
      const failure = { at: new Date(now()).toISOString(), message: cause.message };
      found = { host: name, ...(before === undefined ? {} : { seen: before }), failure };
    }
    await keep(found);
    return found;
  }

  async function scan(hosts: readonly string[] = known()): Promise<PatchHost[]> {
    const strange = hosts.filter((host) => !known().includes(host));
    if (strange.length > 0)
      throw errors.usage(
        `there is no ssh target called ${strange.map((name) => JSON.stringify(name)).join(', ')}`,
        `the settings name: ${known().join(', ') || 'none'}`,
      );
    const found: PatchHost[] = [];
    for (let at = 0; at < hosts.length; at += AT_ONCE)
      found.push(...(await Promise.all(hosts.slice(at, at + AT_ONCE).map(look))));
    return found;
  }

  return {
    async hosts() {
      const hosts: PatchHost[] = [];
      let after: string | undefined;
      do {
        const page = await store.documents.find('patch-host', after === undefined ? {} : { after });
        hosts.push(...page.found.map(({ body }) => body));
        after = page.next;
      } while (after !== undefined);
      return hosts.sort((a, b) => (a.host < b.host ? -1 : 1));
    },
    scan,
    keep,
    waves: () => loadPolicies(policiesFolder).patching.waves,
    async wave(id) {
      const { patching } = loadPolicies(policiesFolder);
      const wave = patching.waves.find((one) => one.id === id);
      if (wave === undefined) throw errors.notFound('wave', id);
      return waveOf(wave, patching, await scan(wave.hosts), now());
    },
  };
}
