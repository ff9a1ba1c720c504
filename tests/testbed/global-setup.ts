/** For `globalSetup` of a vitest project: its suites share servers, and none runs that no suite asked for. */
import type { TestProject } from 'vitest/node';
import { openShared } from './shared.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where `need` asks for shared components. */
    testbedSocket: string;
  }
}

/** Gives the tear-down, so that two projects of one run do not share this file's state. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = await openShared();
  project.provide('testbedSocket', shared.socket);
  return shared.close;
}
