/** The benchmarks, by name. */
import { backtestAll } from './backtest.ts';
import { correlation } from './correlation.ts';
import { delivery } from './delivery.ts';
import { eventToIncident } from './event-to-incident.ts';
import { evtx } from './evtx.ts';
import { help } from './help.ts';
import { ingest } from './ingest.ts';
import { match } from './match.ts';
import type { Bench } from './measure.ts';
import { plan } from './plan.ts';
import { scale } from './scale.ts';
import { sources } from './sources.ts';

export const benches: Readonly<Record<string, Bench>> = {
  help,
  match,
  ingest,
  delivery,
  correlation,
  'event-to-incident': eventToIncident,
  plan,
  evtx,
  sources,
  scale,
  backtest: backtestAll,
};
