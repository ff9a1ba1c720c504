/** Gives the Linux audit recording the account names that its own numbers stand for. */
import type { SampleEvent } from './judge.ts';

/**
 * The host of the recording ran in a container: auditd looked its numbers up in the passwd file of the machine around it
 * (testbed notes). Who a number is, the same file tells: PAM names the account of each session it opens.
 */
export function withNames(events: readonly SampleEvent[]): SampleEvent[] {
  const names = new Map<string, string>();
  for (const { event } of events) {
    const { auid, acct, exe } = (event.vigia?.['auditd'] ?? {}) as Record<string, string | undefined>;
    if (event.event.action === 'user-start' && exe === '/usr/sbin/sshd' && auid && acct)
      names.set(auid, acct);
  }
  return events.map((one) => {
    const auid = (one.event.vigia?.['auditd'] as Record<string, string> | undefined)?.['auid'];
    const name = auid === undefined ? undefined : names.get(auid);
    if (name === undefined) return one;
    const related = { ...one.event.related, user: [...(one.event.related?.user ?? []), name] };
    return { ...one, event: { ...one.event, related } };
  });
}
