/** A service of its own, with a program of its own name, on a Linux host of the test bed, by a start script as Debian's packages have them. */
import type { HostTools } from '../testbed/host-tools.ts';

export interface HostService {
  readonly name: string;
  start(): Promise<unknown>;
  stop(): Promise<unknown>;
  isRunning(): Promise<boolean>;
  /** From now on it does not start. */
  breakIt(): Promise<unknown>;
}

export async function hostService(host: HostTools, name: string): Promise<HostService> {
  const pidFile = `/run/${name}.pid`;
  const program = `/usr/bin/${name}`;
  const script = `#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
case "$1" in
  start) start-stop-daemon --start --oknodo --background --make-pidfile --pidfile ${pidFile} --exec ${program} -- 100000 ;;
  stop) start-stop-daemon --stop --oknodo --retry 5 --remove-pidfile --pidfile ${pidFile} ;;
  restart) "$0" stop; "$0" start ;;
  status) start-stop-daemon --status --pidfile ${pidFile} ;;
esac
`;
  const file = `/etc/init.d/${name}`;
  await host.run(['cp', '/usr/bin/sleep', program]);
  await host.run(['tee', file], script);
  await host.run(['chmod', '755', file]);
  const service = (verb: string) => host.run(['service', name, verb]);
  return {
    name,
    start: () => service('start'),
    stop: () => service('stop'),
    isRunning: () =>
      service('status').then(
        () => true,
        () => false,
      ),
    breakIt: () => host.run(['tee', file], script.replace(/start\).*/, 'start) exit 0 ;;')),
  };
}
