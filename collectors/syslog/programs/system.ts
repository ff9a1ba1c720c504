/** cron, systemd, the kernel and the log daemons. */
import { type Finding, firstShape, type Shape } from './finding.ts';

const cronShapes: readonly Shape[] = [
  {
    pattern: /^\((?<user>[^)]+)\) CMD \((?<command>.*)\)$/s,
    finding: { action: 'cron-command', category: ['process'], type: ['start'], outcome: 'success' },
  },
  {
    pattern: /^\((?<user>[^)]+)\) (?:REPLACE|END EDIT) \((?<target>[^)]+)\)$/,
    finding: { action: 'crontab-changed', category: ['configuration'], type: ['change'], outcome: 'success' },
  },
  {
    pattern: /^\((?<user>[^)]+)\) DELETE \((?<target>[^)]+)\)$/,
    finding: {
      action: 'crontab-deleted',
      category: ['configuration'],
      type: ['deletion'],
      outcome: 'success',
    },
  },
  {
    pattern: /^\((?<user>[^)]+)\) (?:BEGIN EDIT|LIST) \((?<target>[^)]+)\)$/,
    finding: { action: 'crontab-read', category: ['configuration'], type: ['access'], outcome: 'success' },
  },
  {
    pattern: /^\((?<owner>[^)]+)\) RELOAD \((?<file>[^)]+)\)$/,
    finding: {
      action: 'crontab-reloaded',
      category: ['configuration'],
      type: ['change'],
      outcome: 'success',
    },
    facts: ['owner'],
  },
];
export const cron = (text: string): Finding | undefined => firstShape(cronShapes, text);

const systemdShapes: readonly Shape[] = [
  {
    pattern: /^Started (?<unit>.+?)\.?$/,
    finding: { action: 'service-started', category: ['process'], type: ['start'], outcome: 'success' },
    facts: ['unit'],
  },
  {
    pattern: /^Stopped (?<unit>.+?)\.?$/,
    finding: { action: 'service-stopped', category: ['process'], type: ['end'], outcome: 'success' },
    facts: ['unit'],
  },
  {
    pattern: /^(?<unit>\S+): (?:Main process exited|Failed with result)(?<reason>.*)$/s,
    finding: { action: 'service-failed', category: ['process'], type: ['end'], outcome: 'failure' },
    facts: ['unit'],
  },
  {
    pattern: /^New session (?<session>\S+) of user (?<target>\S+?)\.?$/,
    finding: { action: 'session-opened', category: ['session'], type: ['start'], outcome: 'success' },
    facts: ['session'],
  },
  {
    pattern: /^Removed session (?<session>\S+?)\.?$/,
    finding: { action: 'session-closed', category: ['session'], type: ['end'] },
    facts: ['session'],
  },
];
export const systemd = (text: string): Finding | undefined => firstShape(systemdShapes, text);

const kernelShapes: readonly Shape[] = [
  {
    pattern:
      /^(?<module>[\w-]+): (?:loading out-of-tree module taints kernel|module verification failed|module license .* taints kernel)/,
    finding: { action: 'kernel-module-loaded', category: ['driver'], type: ['start'], outcome: 'success' },
    facts: ['module'],
  },
  {
    pattern: /^device (?<device>\S+) entered promiscuous mode/,
    finding: { action: 'promiscuous-mode', category: ['network'], type: ['info'] },
    facts: ['device'],
  },
];
/** The kernel's own time stamp `[   12.345678] ` is dropped. */
export const kernel = (text: string): Finding | undefined =>
  firstShape(kernelShapes, text.replace(/^\[ *\d+\.\d+\] */, ''));

const loggingShapes: readonly Shape[] = [
  {
    pattern:
      /(?:\] exiting on signal|^The audit daemon is exiting|^Journal stopped|^syslog-ng shutting down)/,
    finding: { action: 'logging-stopped', category: ['process'], type: ['end'] },
  },
  {
    pattern:
      /(?:\] (?:re)?start$|^Init complete, auditd .* listening|^Journal started|^syslog-ng starting up)/,
    finding: { action: 'logging-started', category: ['process'], type: ['start'] },
  },
];
export const logging = (text: string): Finding | undefined => firstShape(loggingShapes, text);
