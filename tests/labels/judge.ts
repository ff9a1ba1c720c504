/** Judges alerts against the ground truth of the recorded samples (`labels.json`), by the rules that its note states. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Alert } from '../../core/documents.ts';
import { atLeast } from '../../core/documents.ts';
import type { Event } from '../../core/event.ts';
import { corpusPath } from '../corpus.ts';

export interface Label {
  dataset: string;
  start: string;
  end: string;
  label: string;
  malicious: boolean;
  /** Names and addresses, separated by commas. */
  actor?: string;
  source?: string;
  target?: string;
  attack?: string;
  expect: 'alert' | 'quiet' | 'either';
  /** Ordinary actions lie in the same window. */
  mixed?: boolean;
  /** The label shows only in these files. */
  files?: string[];
}

/** An event of the samples, with the sample folder and file it was read from. */
export interface SampleEvent {
  dataset: string;
  file: string;
  event: Event;
}

export interface Verdict {
  label: Label;
  /** `covered` and `silent` are right for `alert` and `quiet`; `missed` and `noisy` are wrong; `free` is either. */
  verdict: 'covered' | 'missed' | 'silent' | 'noisy' | 'free' | 'absent';
  /** `level title` of the alerts that decided it. */
  because: string[];
}

export const readLabels = (): Label[] => {
  const file: { events: Label[] } = JSON.parse(readFileSync(corpusPath('samples', 'labels.json'), 'utf8'));
  return file.events;
};

/** `files` names the sample files that were read; a label that shows only in others is `absent`. */
export function judge(
  labels: readonly Label[],
  events: readonly SampleEvent[],
  alerts: readonly Alert[],
  files: readonly string[],
): Verdict[] {
  const byId = new Map(events.map((one) => [one.event.event.id, one]));
  const heard = alerts
    .filter((alert) => atLeast(alert.rule.level, 'medium') && alert.state === 'open')
    .map((alert) => ({
      alert,
      evidence: alert.events.map((id) => byId.get(id)).filter((one) => one !== undefined),
    }));
  const read = new Set(files.map((file) => basename(file)));
  return labels.map((label): Verdict => {
    if (label.files && !label.files.some((file) => read.has(file)))
      return { label, verdict: 'absent', because: [] };
    const covering = heard.filter(({ evidence }) =>
      evidence.some((one) => covers(label, one) && !(label.expect === 'quiet' && isExplained(labels, one))),
    );
    const because = [...new Set(covering.map(({ alert }) => `${alert.rule.level} ${alert.rule.title}`))];
    const found = because.length > 0;
    if (label.expect === 'either') return { label, verdict: 'free', because };
    if (label.expect === 'alert') return { label, verdict: found ? 'covered' : 'missed', because };
    return { label, verdict: found ? 'noisy' : 'silent', because };
  });
}

/** Alerts of medium or higher with evidence that no hostile or privileged label explains: false alarms outside any label. */
export function unexplained(
  labels: readonly Label[],
  events: readonly SampleEvent[],
  alerts: readonly Alert[],
): Alert[] {
  const byId = new Map(events.map((one) => [one.event.event.id, one]));
  return alerts.filter((alert) => {
    if (!atLeast(alert.rule.level, 'medium') || alert.state !== 'open') return false;
    return !alert.events.some((id) => {
      const one = byId.get(id);
      return one !== undefined && labels.some((label) => label.expect !== 'quiet' && covers(label, one));
    });
  });
}

/** In the window of the label, and about its actor, source or target. */
function covers(label: Label, one: SampleEvent): boolean {
  if (!isInWindow(label, one)) return false;
  const subjects = new Set([...list(label.actor), ...list(label.source), ...list(label.target)]);
  return [...namesOf(one.event), ...addressesOf(one.event)].some((subject) => subjects.has(subject));
}

/**
 * Windows of quiet and hostile labels overlap, and a spray hits people who also mistype in the same second. An event of a
 * hostile (or free) label does not count against a quiet one when it comes from the address that label names; where either
 * has no address, the name decides.
 */
function isExplained(labels: readonly Label[], one: SampleEvent): boolean {
  return labels.some((label) => {
    if (label.expect === 'quiet' || !isInWindow(label, one)) return false;
    const sources = list(label.source);
    const addresses = addressesOf(one.event);
    if (sources.length > 0 && addresses.length > 0)
      return addresses.some((address) => sources.includes(address));
    const names = [...list(label.actor), ...list(label.target)];
    return namesOf(one.event).some((name) => names.includes(name));
  });
}

function isInWindow(label: Label, one: SampleEvent): boolean {
  if (label.dataset !== one.dataset) return false;
  if (label.files && !label.files.includes(basename(one.file))) return false;
  const at = Date.parse(one.event['@timestamp']);
  return at >= Date.parse(label.start) && at <= Date.parse(label.end) + 1_000;
}

const list = (written: string | undefined): string[] =>
  (written ?? '')
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter((one) => one !== '');

function namesOf(event: Event): string[] {
  const named = [
    event.user?.name,
    event.user?.target?.name,
    event.user?.effective?.name,
    event.group?.name,
    ...(event.related?.user ?? []),
  ];
  return named.filter((name): name is string => typeof name === 'string').map((name) => name.toLowerCase());
}

/** Where an event comes from; the server's own address says nothing about who did it. */
const addressesOf = (event: Event): string[] =>
  [event.source?.ip, event.client?.ip]
    .filter((ip): ip is string => typeof ip === 'string')
    .map((ip) => ip.toLowerCase());
