/** Where our own rules lie, and loading with that knowledge. */
import { dataFolder } from './engine/data.ts';
import { type Loaded, type LoadOptions, loadRules as load } from './engine/load.ts';

/** The folder of the rules that come with Vigia. */
export const ownRulesFolder = (): string => dataFolder('rules');

/** `loadRules(['my/rules'], {placeholders: {Servers: ['srv-*']}})`; rules outside our own folder count as imported. */
export const loadRules = (paths: readonly string[], options: LoadOptions = {}): Loaded =>
  load(paths, { ownFolder: ownRulesFolder(), ...options });
