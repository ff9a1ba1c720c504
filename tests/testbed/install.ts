/** Installs what the tests' real components lack: `sh bin/node tests/testbed/install.ts [component…]`, as root. */
import { existsSync } from 'node:fs';
import {
  type ComponentName,
  componentNames,
  elasticsearchHome,
  kafkaHome,
  missingPackages,
  whyMissing,
} from './components.ts';
import { downloadElasticsearch } from './download.ts';
import { cacheFolder } from './folder.ts';
import { hostImage, makeHostImage } from './host-image.ts';
import { downloadKafka } from './kafka-download.ts';
import { withLock } from './lock.ts';
import { installPackages } from './packages.ts';
import { makeShippers, shippersHome } from './shippers.ts';

/** A component that cannot be had here, and why. */
export interface Missing {
  readonly component: ComponentName;
  readonly reasons: readonly string[];
}

/** Installs what lacks and gives what could not be had; `progress` hears one line per step. */
export async function install(
  components: readonly ComponentName[],
  progress: (line: string) => void,
): Promise<Missing[]> {
  const before = await missing(components);
  if (before.length === 0 || process.platform !== 'linux') return before;
  if (process.getuid?.() !== 0) {
    return before.map(({ component, reasons }) => ({
      component,
      reasons: [...reasons, 'only root can install'],
    }));
  }
  const failures = await withLock(cacheFolder('install.lock'), () => installSteps(components, progress));
  const after = await missing(components);
  return after.map(({ component, reasons }) => ({ component, reasons: [...reasons, ...failures] }));
}

async function installSteps(
  components: readonly ComponentName[],
  progress: (line: string) => void,
): Promise<string[]> {
  const failures: string[] = [];
  const step = async (what: string, work: () => Promise<void>): Promise<void> => {
    const start = performance.now();
    progress(`${what} …`);
    try {
      await work();
      progress(`${what}: done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    } catch (cause) {
      failures.push(`${what}: ${(cause as Error).message}`);
      progress(`${what}: failed`);
    }
  };
  const packages = await missingPackages(components);
  const wantsServer = components.includes('elasticsearch') && !existsSync(elasticsearchHome());
  const wantsKafka = components.includes('kafka') && !existsSync(kafkaHome());
  if (wantsServer || wantsKafka) packages.push(...(await missingMaven()));
  if (packages.length > 0) {
    await step(`Debian packages ${packages.join(' ')}`, () => installPackages(packages));
  }
  if (wantsServer) await step(`Elasticsearch into ${elasticsearchHome()}`, downloadElasticsearch);
  if (wantsKafka) await step(`Kafka into ${kafkaHome()}`, downloadKafka);
  if (components.includes('host') && !existsSync(hostImage()))
    await step(`image of a host into ${hostImage()}`, makeHostImage);
  if (components.includes('shippers') && !existsSync(shippersHome()))
    await step(`shippers into ${shippersHome()}`, makeShippers);
  return failures;
}

/** Maven only fetches servers, so it is asked for only then, and any `mvn` in the path will do. */
async function missingMaven(): Promise<string[]> {
  const path = (process.env['PATH'] ?? '').split(':');
  return path.some((folder) => existsSync(`${folder}/mvn`)) ? [] : ['maven'];
}

async function missing(components: readonly ComponentName[]): Promise<Missing[]> {
  const all = await Promise.all(
    components.map(async (component) => ({ component, reasons: await whyMissing(component) })),
  );
  return all.filter(({ reasons }) => reasons.length > 0);
}

function isComponent(name: string): name is ComponentName {
  return componentNames.some((known) => known === name);
}

/** The command line form. Exit codes: 0 all there, 1 something could not be had, 2 wrong usage. */
async function main(args: readonly string[]): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`test bed: ${line}\n`);
  const unknown = args.filter((name) => !isComponent(name));
  if (unknown.length > 0) {
    say(
      `there is no component ${unknown.join(', ')}; choose from ${componentNames.join(', ')}, or none for all`,
    );
    return 2;
  }
  const wanted = args.filter(isComponent);
  const lacking = await install(wanted.length > 0 ? wanted : componentNames, say);
  for (const { component, reasons } of lacking) {
    say(`${component} cannot run here:\n  ${reasons.join('\n  ').replaceAll('\n', '\n  ')}`);
  }
  if (lacking.length === 0)
    say(`everything is there: ${(wanted.length > 0 ? wanted : componentNames).join(', ')}`);
  return lacking.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
