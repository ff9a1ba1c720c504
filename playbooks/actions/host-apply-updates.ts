/** Installs updates on a Debian host, exactly the versions of the approved plan; undo goes back to the recorded ones. */
import type { Host } from '../../targets/ssh.ts';
import { action, type Proof } from '../action.ts';
import { system } from '../inputs.ts';
import { readAutomatic, readListsAt } from '../patching/apt.ts';
import { chooseUpdates, notAt, pinOf, withoutWayBack } from '../patching/choose-updates.ts';
import { type Excerpt, readEvidence } from '../patching/evidence.ts';
import { type Update, updateText } from '../patching/packages.ts';
import {
  expectApt,
  hostSubject,
  hostTarget,
  type PackagesInput,
  packages,
  restartServices,
  wantedBy,
} from '../patching/patched-host.ts';
import { findRestarts, readReboot } from '../patching/restarts.ts';

interface Input extends PackagesInput {
  readonly maxPackages: number;
}

interface Before {
  readonly updates: readonly Update[];
  /** Those of them that came along with others. */
  readonly automatic: readonly string[];
}

interface Receipt {
  readonly changed: boolean;
  readonly evidence?: readonly Excerpt[] | string;
}

/** deploy/sudoers-vigia holds these words. Configuration that somebody changed on the host stays as it is. */
const APT = ['/usr/bin/apt-get', '-q', '-y', '-o', 'DPkg::Lock::Timeout=120'];
const CONFIGURATION = ['--force-confdef', '--force-confold'].flatMap((each) => [
  '-o',
  `Dpkg::Options::=${each}`,
]);
const INSTALL_MS = 1_800_000;

const install = (host: Host, operation: string, how: string, pins: readonly string[]) =>
  host.change(operation, {
    words: [...APT, ...CONFIGURATION, '--no-remove', how, 'install', ...pins],
    sudo: true,
    timeoutMs: INSTALL_MS,
  });

/** What is named to apt counts as asked for by a person; what came along before is marked so again. */
async function markAutomatic(host: Host, { automatic }: Before): Promise<void> {
  const marked = await readAutomatic(host, automatic);
  const lost = automatic.filter((name) => !marked.includes(name));
  if (lost.length > 0)
    await host.change('marking what came along', {
      words: ['/usr/bin/apt-mark', 'auto', ...lost],
      sudo: true,
    });
}

const wantedOf = ({ updates }: Before) => updates.map(({ name, to }) => ({ name, version: to }));
const recordedOf = ({ updates }: Before) =>
  updates.flatMap(({ name, from }) => (from === undefined ? [] : [{ name, version: from }]));

export const hostApplyUpdates = action<Input, Before, Receipt>({
  id: 'host.apply-updates',
  title: 'Install updates on a Debian host',
  risk: 'reversible',
  input: {
    type: 'object',
    additionalProperties: false,
    properties: {
      system: system('ssh'),
      packages,
      maxPackages: {
        type: 'integer',
        minimum: 1,
        maximum: 1_000,
        default: 300,
        description: 'More packages than this refuse the step.',
      },
    },
  },
  plan: (input, ctx) =>
    ctx.host(input.system, async (host) => {
      await expectApt(host, input.system);
      const { updates, exempt, ended, held } = await chooseUpdates(host, wantedBy(input, ctx));
      const listsAt = await readListsAt(host);
      const lost = await withoutWayBack(host, updates);
      const reboot = await readReboot(host, updates);
      return {
        plan: {
          targets: [
            hostTarget(input.system, host),
            ...updates.map((update) => ({
              system: input.system,
              identity: pinOf(update),
              name: pinOf(update),
            })),
          ],
          changes: updates.map((update) => `${update.from === undefined ? '+' : '~'} ${updateText(update)}`),
          stays: [
            ...(updates.length === 0 ? ['the host is behind by nothing of this'] : []),
            ...exempt.map(
              ({ update, exemption: { until, why, place, ticket } }) =>
                `${update.name} ${update.from ?? ''} is exempt until ${until} (${place}${ticket === undefined ? '' : `, ${ticket}`}): ${why}`,
            ),
            ...ended.map(
              ({ place, until }) => `the exemption in ${place} ended on ${until} and does not count`,
            ),
            ...(held.length > 0 ? [`held back by the host: ${held.join(', ')}`] : []),
            ...reboot.why.map((why) => `needs a reboot, which this step does not do: ${why}`),
            'configuration files that were changed on the host; programs that run, until they are restarted',
          ],
          undo:
            lost.length === 0
              ? 'installs the recorded versions, which a repository still offers, and restarts what then maps replaced files'
              : `not possible for ${lost.map(({ name, from }) => `${name} ${from}`).join(', ')}: no repository of the host offers that version any more`,
          proof: 'asks dpkg for the installed versions over a new connection',
          bounds: { packages: input.maxPackages },
          observed: { packages: updates.length, lists: listsAt ?? 'unknown', reboot: reboot.needed },
        },
        subjects: [hostSubject(input.system, host)],
        before: {
          updates,
          automatic: await readAutomatic(
            host,
            updates.map(({ name }) => name),
          ),
        },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.host(input.system, async (host) => {
      if ((await notAt(host, wantedOf(before))).length === 0) return { changed: false };
      // What is new comes along by itself; named, it would count as asked for by a person.
      const pins = before.updates.filter(({ from }) => from !== undefined).map(pinOf);
      await install(host, 'installing updates', '--only-upgrade', pins);
      await markAutomatic(host, before);
      return { changed: true, evidence: await readEvidence(host, pins[0] ?? '') };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.host(input.system, (host) =>
      proofOf(host, wantedOf(before), 'read /var/log/apt/term.log there, then plan a new run'),
    ),
  undo: ({ input, before }, ctx) =>
    ctx.host(input.system, async (host) => {
      const wanted = recordedOf(before);
      if ((await notAt(host, wanted)).length > 0)
        await install(
          host,
          'going back to the recorded versions',
          '--allow-downgrades',
          wanted.map(({ name, version }) => `${name}=${version}`),
        );
      await markAutomatic(host, before);
      const proof = await proofOf(host, wanted, 'go back by hand');
      const { restarted, failed } = await restartServices(host, await findRestarts(host, ctx.patching));
      // Over a new connection: this one may belong to the old server.
      const { services } = await ctx.host(input.system, (again) => findRestarts(again, ctx.patching));
      if (proof.outcome !== 'proven') return proof;
      if (failed.length + services.length > 0)
        return {
          outcome: 'not-proven',
          detail: `the recorded versions are installed, but ${[...failed, ...services.map(({ service }) => `${service} still runs from replaced files`)].join('; ')}; restart by hand`,
        };
      const stays = before.updates.filter(({ from }) => from === undefined).map(({ name }) => name);
      return {
        outcome: 'proven',
        detail: `${proof.detail}; restarted: ${restarted.join(', ') || 'nothing'}${stays.length > 0 ? `; newly installed and left: ${stays.join(', ')}` : ''}`,
      };
    }),
});

async function proofOf(
  host: Host,
  wanted: readonly { readonly name: string; readonly version: string }[],
  next: string,
): Promise<Proof> {
  const wrong = await notAt(host, wanted);
  if (wrong.length > 0) {
    const words = ['/usr/bin/ps', '-o', 'pid=', '-C', 'apt-get,dpkg'];
    const works = (await host.read('asking whether apt works', { words, codes: [0, 1] })).text.trim();
    return works === ''
      ? { outcome: 'not-proven', detail: `${wrong.join('; ')}; ${next}` }
      : {
          outcome: 'unknown',
          detail: `apt still works there (process ${works.split(/\s+/).join(', ')}); resume the run to ask again`,
        };
  }
  const broken = (
    await host.read('asking for half-done packages', { words: ['/usr/bin/dpkg', '--audit'] })
  ).text.trim();
  if (broken !== '')
    return {
      outcome: 'not-proven',
      detail: `dpkg --audit complains: ${JSON.stringify(broken.slice(0, 300))}; mend it by hand`,
    };
  return { outcome: 'proven', detail: `${wanted.length} packages have the planned versions` };
}
