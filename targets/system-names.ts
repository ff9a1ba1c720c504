/** Under which names the events of a target may mean it: those of the settings, its address, and its own name there. */
import type { TargetsSettings } from './settings.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1']);

/** The first is the likeliest. */
export function namesOfSystem(targets: TargetsSettings, system: string): string[] {
  const settings = Object.hasOwn(targets, system) ? targets[system] : undefined;
  const address = settings === undefined ? undefined : addressOf(settings);
  const names = [
    ...(settings?.names ?? []),
    ...(address === undefined || LOOPBACK.has(address) ? [] : [address]),
    system,
  ];
  return [...new Set(names)];
}

/** All names of the target that a grant means by that name; the name itself where no target has it. */
export function namesMeaning(targets: TargetsSettings, name: string): string[] {
  const all = Object.keys(targets).map((system) => namesOfSystem(targets, system));
  return all.find((names) => names.some((one) => one.toLowerCase() === name.toLowerCase())) ?? [name];
}

function addressOf(settings: TargetsSettings[string]): string | undefined {
  if (settings.kind === 'ssh') return settings.host;
  const url = settings.kind === 'oracle' ? settings.connect : 'url' in settings ? settings.url : undefined;
  return url === undefined || !URL.canParse(url) ? undefined : new URL(url).hostname.replace(/^\[|\]$/g, '');
}
