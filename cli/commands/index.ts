/**
 * What a command line may begin with, in the order that help shows it. The files of an area are loaded when its word was typed:
 * help would otherwise wait for all of them.
 */
import type { Command } from '../command.ts';

export interface Area {
  /** The first word: of several commands, or the whole name of one. */
  name: string;
  summary: string;
  load(): Promise<readonly Command[]>;
}

export const areas: readonly Area[] = [
  {
    name: 'serve',
    summary: 'run the service: collect, detect, respond, API',
    load: async () => [(await import('./serve.ts')).serve],
  },
  {
    name: 'tui',
    summary: 'terminal UI for analysts',
    load: async () => [(await import('./tui.ts')).tui],
  },
  {
    name: 'console',
    summary: 'the same as tui',
    load: async () => [(await import('./tui.ts')).consoleCommand],
  },
  {
    name: 'ingest',
    summary: 'import files once: read, normalise, store, detect, raise incidents',
    load: async () => [(await import('./ingest.ts')).ingest],
  },
  {
    name: 'match',
    summary: 'run Sigma rules over JSON lines or EVTX files; prints one JSON line per match',
    load: async () => [(await import('./match.ts')).match],
  },
  {
    name: 'events',
    summary: 'hunt in the stored events',
    load: async () => [(await import('./events.ts')).eventsSearch],
  },
  {
    name: 'incidents',
    summary: 'triage: list, show, acknowledge, assign, note, close',
    load: async () => (await import('./incidents.ts')).incidentCommands,
  },
  {
    name: 'exceptions',
    summary: 'alerts that two people agreed not to look at, for a time',
    load: async () => (await import('./exceptions.ts')).exceptionCommands,
  },
  {
    name: 'indicators',
    summary: 'what gives attacks away, as others share it; rules name the lists',
    load: async () => (await import('./indicators.ts')).indicatorCommands,
  },
  {
    name: 'playbooks',
    summary: 'responses: list, plan, start',
    load: async () => (await import('./playbooks.ts')).playbookCommands,
  },
  {
    name: 'runs',
    summary: 'executions of playbooks: show, approve, refuse, resume, undo',
    load: async () => (await import('./runs.ts')).runCommands,
  },
  {
    name: 'evidence',
    summary: 'what runs keep of hosts, incidents and people: list, save',
    load: async () => (await import('./evidence.ts')).evidenceCommands,
  },
  {
    name: 'access',
    summary: 'privileges for a time: request, approve, show, end, review',
    load: async () => (await import('./access/index.ts')).accessCommands,
  },
  {
    name: 'patch',
    summary: 'updates of hosts: scan, status, plan, start, tasks, report',
    load: async () => (await import('./patch.ts')).patchCommands,
  },
  {
    name: 'report',
    summary: 'write a document about incidents: initial-notification',
    load: async () => [(await import('./report.ts')).report],
  },
  {
    name: 'rules',
    summary: 'detection rules: list, check, test, explain, backtest, coverage, scorecard',
    load: async () => (await import('./rules/index.ts')).ruleCommands,
  },
  {
    name: 'collectors',
    summary: 'what reads sources: list, test, forget',
    load: async () => (await import('./collectors.ts')).collectorCommands,
  },
  {
    name: 'dead-letters',
    summary: 'records that could not become events',
    load: async () => (await import('./dead-letters.ts')).deadLetterCommands,
  },
  {
    name: 'health',
    summary: 'store, sources and ledger; exit 1 when something is wrong',
    load: async () => [(await import('./health.ts')).health],
  },
  {
    name: 'doctor',
    summary: 'settings, store, rules, sources, targets, secrets, clock; exit 1 when something is wrong',
    load: async () => [(await import('./doctor.ts')).doctor],
  },
  {
    name: 'dashboards',
    summary: 'Grafana and Prometheus files',
    load: async () => [(await import('./dashboards.ts')).dashboardsBuild],
  },
  {
    name: 'settings',
    summary: 'the settings file',
    load: async () => [(await import('./settings.ts')).settingsCheck],
  },
  {
    name: 'tokens',
    summary: 'access to the API',
    load: async () => (await import('./tokens.ts')).tokenCommands,
  },
  {
    name: 'audit',
    summary: 'who did what',
    load: async () => (await import('./audit.ts')).auditCommands,
  },
  {
    name: 'completion',
    summary: 'print a completion script: bash, zsh or fish',
    load: async () => [(await import('./completion.ts')).completion],
  },
];

export const allCommands = async (): Promise<Command[]> =>
  (await Promise.all(areas.map(({ load }) => load()))).flat();
