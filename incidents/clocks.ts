/** The statutory clocks of an incident: what is owed to whom, by when, and under which article. Pure; all numbers are policy data. */
import type { Incident } from '../core/documents.ts';
import { calendarOf } from './calendar.ts';
import type { ClockPolicy, ClockStep } from './policies.ts';

/** What people recorded about the incident; every time ISO, UTC. */
export interface ClockFacts {
  /** When the incident was detected; its creation when left out. */
  detectedAt?: string;
  impactEndedAt?: string;
  /** When the controller became aware of a personal-data breach. */
  breachKnownAt?: string;
  /** Step id → when it was notified. */
  sent?: Record<string, string>;
}

/**
 * `idle`: nothing started it. `running`, `late`: owed, not sent. `sent`, `sent-late`: done. `not-owed`: waived, see `why`.
 * `running` of a step owed only when needed says so in `owed`.
 */
export type ClockState = 'idle' | 'running' | 'late' | 'sent' | 'sent-late' | 'not-owed';

export interface Clock {
  id: string;
  authority: string;
  title: { pt: string; en: string };
  owed: ClockStep['owed'];
  state: ClockState;
  startedAt?: string;
  dueAt?: string;
  /** The start is not known yet; `dueAt` is the latest possible moment. */
  provisional?: boolean;
  sentAt?: string;
  why?: string;
  source: string;
  checked: string;
}

const HOUR_MS = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();

/** One clock per step of the policy, in its order. An incident decided not significant runs no clock of that kind. */
export function clocksOf(
  incident: Pick<Incident, 'created' | 'significance'>,
  facts: ClockFacts,
  policy: ClockPolicy,
  nowMs: number,
): Clock[] {
  const calendar = calendarOf(policy);
  const due = (step: ClockStep, startMs: number): number =>
    'hours' in step.limit
      ? startMs + step.limit.hours * HOUR_MS
      : calendar.afterWorkingDays(startMs, step.limit.working_days);
  const significant = incident.significance?.decided ? Date.parse(incident.significance.at) : undefined;
  const time = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text));
  const detected = Date.parse(facts.detectedAt ?? incident.created);
  const ended = time(facts.impactEndedAt);

  const startOf = (step: ClockStep): { ms: number; provisional: boolean } | undefined => {
    const certain = (ms: number | undefined) => (ms === undefined ? undefined : { ms, provisional: false });
    if (typeof step.starts === 'object') {
      const wanted = step.starts.sent;
      const sent = time(facts.sent?.[wanted]);
      if (sent !== undefined) return certain(sent);
      const earlier = policy.steps.find(({ id }) => id === wanted);
      const start = earlier && earlier !== step ? startOf(earlier) : undefined;
      return earlier && start ? { ms: due(earlier, start.ms), provisional: true } : undefined;
    }
    if (step.starts === 'breach-known') return certain(time(facts.breachKnownAt));
    if (significant === undefined) return undefined;
    return certain(step.starts === 'significant' ? significant : ended);
  };

  return policy.steps.map((step): Clock => {
    const { id, authority, title, owed, source, checked } = step;
    const clock = { id, authority, title, owed, source, checked };
    const sentAt = facts.sent?.[id];
    const start = startOf(step);
    const waived =
      step.waived && ended !== undefined && ended - detected <= step.waived.resolved_within_hours * HOUR_MS;
    if (waived && sentAt === undefined) {
      const why = `resolved within ${step.waived!.resolved_within_hours} h of detection (${step.waived!.source})`;
      return { ...clock, state: 'not-owed', why };
    }
    if (!start)
      return {
        ...clock,
        state: sentAt === undefined ? 'idle' : 'sent',
        ...(sentAt === undefined ? {} : { sentAt }),
      };
    const dueMs = due(step, start.ms);
    const running = {
      ...clock,
      ...(start.provisional ? { provisional: true } : { startedAt: iso(start.ms) }),
      dueAt: iso(dueMs),
    };
    if (sentAt !== undefined)
      return { ...running, sentAt, state: Date.parse(sentAt) > dueMs ? 'sent-late' : 'sent' };
    return { ...running, state: nowMs > dueMs ? 'late' : 'running' };
  });
}
