/** Every command, in the order that help shows them. */

import type { Command } from '../command.ts';
import { accessCommands } from './access/index.ts';
import { auditCommands } from './audit.ts';
import { collectorCommands } from './collectors.ts';
import { completion } from './completion.ts';
import { dashboardsBuild } from './dashboards.ts';
import { deadLettersList, deadLettersRetry } from './dead-letters.ts';
import { doctor } from './doctor.ts';
import { eventsSearch } from './events.ts';
import { evidenceCommands } from './evidence.ts';
import { exceptionCommands } from './exceptions.ts';
import { health } from './health.ts';
import { incidentCommands } from './incidents.ts';
import { indicatorCommands } from './indicators.ts';
import { ingest } from './ingest.ts';
import { match } from './match.ts';
import { patchCommands } from './patch.ts';
import { playbookCommands } from './playbooks.ts';
import { report } from './report.ts';
import { ruleCommands } from './rules/index.ts';
import { runCommands } from './runs.ts';
import { serve } from './serve.ts';
import { settingsCheck } from './settings.ts';
import { tokenCommands } from './tokens.ts';
import { consoleCommand, tui } from './tui.ts';

export const commands: readonly Command[] = [
  serve,
  tui,
  consoleCommand,
  ingest,
  match,
  eventsSearch,
  ...incidentCommands,
  ...exceptionCommands,
  ...indicatorCommands,
  ...playbookCommands,
  ...runCommands,
  ...evidenceCommands,
  ...accessCommands,
  ...patchCommands,
  report,
  ...ruleCommands,
  ...collectorCommands,
  deadLettersList,
  deadLettersRetry,
  health,
  doctor,
  dashboardsBuild,
  settingsCheck,
  ...tokenCommands,
  ...auditCommands,
  completion,
];

/** What the first word of a command with several words stands for. */
export const groups: Readonly<Record<string, string>> = {
  incidents: 'triage: list, show, acknowledge, assign, note, close',
  events: 'hunt in the stored events',
  exceptions: 'alerts that two people agreed not to look at, for a time',
  indicators: 'what gives attacks away, as others share it; rules name the lists',
  playbooks: 'responses: list, plan, start',
  runs: 'executions of playbooks: show, approve, refuse, resume, undo',
  evidence: 'what runs keep of hosts, incidents and people: list, save',
  access: 'privileges for a time: request, approve, show, end, review',
  patch: 'updates of hosts: scan, status, plan, start, tasks, report',
  rules: 'detection rules: list, check, test, explain, backtest, coverage, scorecard',
  collectors: 'what reads sources: list, test, forget',
  'dead-letters': 'records that could not become events',
  dashboards: 'Grafana and Prometheus files',
  settings: 'the settings file',
  tokens: 'access to the API',
  audit: 'who did what',
};
