/** One run for all tests; the real components of `tests/testbed` start when the first suite asks for them. */
import { defineConfig } from 'vitest/config';
import { SlowFirst } from './tests/slow-first.ts';

const code = [
  'core',
  'store',
  'targets',
  'collectors',
  'detections',
  'incidents',
  'playbooks',
  'access',
  'reports',
  'dashboards',
  'server',
  'cli',
  'scripts',
];

export default defineConfig({
  test: {
    include: [...code.map((folder) => `${folder}/**/*.test.{ts,tsx}`), 'tests/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', 'dist/**'],
    globalSetup: ['tests/testbed/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    sequence: { sequencer: SlowFirst },
    // The same draw in every run: a failure is then the change's. Full proofs draw their own.
    env: { VIGIA_SEED: process.env['VIGIA_SEED'] ?? '561961' },
  },
});
