/** Every group of routes that the API has; a test compares this list with the folder. */
import { backtestRoutes } from './backtests.ts';
import { eventRoutes } from './events.ts';
import { evidenceRoutes } from './evidence.ts';
import { exceptionRoutes } from './exceptions.ts';
import { incidentRoutes } from './incidents.ts';
import { indicatorRoutes } from './indicators.ts';
import { killSwitchRoutes } from './kill-switch.ts';
import { operationRoutes } from './operations.ts';
import { patchRoutes } from './patches.ts';
import { privilegedAccessRoutes } from './privileged-access.ts';
import { reportRoutes } from './reports.ts';
import { ruleRoutes } from './rules.ts';
import { runRoutes } from './runs.ts';

export const routes = [
  operationRoutes,
  incidentRoutes,
  eventRoutes,
  backtestRoutes,
  exceptionRoutes,
  indicatorRoutes,
  runRoutes,
  evidenceRoutes,
  killSwitchRoutes,
  privilegedAccessRoutes,
  patchRoutes,
  reportRoutes,
  ruleRoutes,
];
