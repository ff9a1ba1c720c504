/** Logins, logouts and starts of a Linux machine (wtmp) become ECS events. Delivery: at least once from files, ids by position. */
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { utmpEvent } from './utmp/event.ts';
import { RECORD_BYTES, utmpCutter, utmpRecord } from './utmp/record.ts';

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const record = utmpRecord(raw);
  if (typeof record === 'string') return reject(record);
  return { event: utmpEvent(record, { dataset: 'linux.wtmp', isRefused: false }, context) };
}

export const linuxWtmp = collector({
  id: 'linux-wtmp',
  title: 'Linux login records',
  summary:
    'Reads /var/log/wtmp: logins, logouts, starts and halts of the machine, changes of its clock. Records of 384 bytes (x86-64); ' +
    'machines with others (aarch64: 400) are refused. A record that somebody blanked out is an event too.',
  guarantee:
    'Files: nothing lost, nothing doubled. Names longer than 32 bytes and hosts longer than 256 are cut by the system. The clock of the ' +
    'machine is taken as it is.',
  datasets: ['linux.wtmp'],
  framing: { kind: 'records', cut: utmpCutter },
  maxBytes: RECORD_BYTES,
  normalise,
});
