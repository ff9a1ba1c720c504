/** The real targets that the stories share, each started when the first story asks. */
import { startHost } from '../../testbed/host.ts';
import type { HostTools } from '../../testbed/host-tools.ts';
import { type MariadbFacts, startMariadb } from '../../testbed/mariadb.ts';
import { type PostgresFacts, startPostgres } from '../../testbed/postgres.ts';
import { startSamba } from '../../testbed/samba.ts';
import type { SambaFacts } from '../../testbed/samba-tools.ts';

export interface Beds {
  samba(): Promise<SambaFacts>;
  postgres(): Promise<PostgresFacts>;
  mariadb(): Promise<MariadbFacts>;
  /** Never one that other suites use: an isolated host is none for them. */
  host(): Promise<HostTools>;
  /** Stops what was started here. */
  close(): Promise<void>;
}

/** `running`: targets that somebody else started and stops. */
export function openBeds(running: Partial<Omit<Beds, 'close'>> = {}): Beds {
  const started: Promise<{ stop(): Promise<void> }>[] = [];
  const once = <T extends { stop(): Promise<void> }>(start: () => Promise<T>) => {
    let one: Promise<T> | undefined;
    return () => {
      if (one === undefined) started.push((one = start()));
      return one;
    };
  };
  return {
    samba: once(startSamba),
    postgres: once(startPostgres),
    mariadb: once(startMariadb),
    host: once(startHost),
    ...running,
    async close() {
      // One that could not start has told whoever asked for it.
      await Promise.allSettled(started.map(async (one) => (await one).stop()));
    },
  };
}
