/** break-glass-review asks people and touches no target: what must not be lost are questions and answers. */
import type { Story } from './story.ts';

export const breakGlassReview: Story = {
  flow: 'break-glass-review',
  needs: [],
  open: async () => ({
    targets: {},
    scene: async () => ({
      input: { run: 'RUN-2026-000007', by: 'olga', requester: 'rita', reason: 'nobody answers' },
      changes: async () => ({}),
      left: async () => [],
      state: async () => ({}),
    }),
    close: async () => undefined,
  }),
};
