/** Gives access that is approved and ends what is over; targets beside each other, so that one that does not answer delays only its own. */
import type { Parts } from '../parts.ts';

export async function advanceDue({
  access,
}: {
  access: Pick<Parts['access'], 'due' | 'advance'>;
}): Promise<void> {
  const due = await access.due();
  const bySystem = Map.groupBy(due, ({ system }) => system);
  const working = [...bySystem.values()].map(async (queue) => {
    for (const { id } of queue) {
      const { trouble } = await access.advance(id);
      // Each question to a target that is away takes its whole time limit, and the other targets wait for this round's end.
      if (trouble !== undefined) return;
    }
  });
  // All have come to their end before one failure is told: none may go on behind our back.
  for (const one of await Promise.allSettled(working)) if (one.status === 'rejected') throw one.reason;
}
