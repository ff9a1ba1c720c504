/** Refused logins of a Linux machine (btmp) become ECS events. Delivery: at least once from files, ids by position. */
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { utmpEvent } from './utmp/event.ts';
import { RECORD_BYTES, utmpCutter, utmpRecord } from './utmp/record.ts';

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const record = utmpRecord(raw);
  if (typeof record === 'string') return reject(record);
  return { event: utmpEvent(record, { dataset: 'linux.btmp', isRefused: true }, context) };
}

export const linuxBtmp = collector({
  id: 'linux-btmp',
  title: 'Linux refused logins',
  summary:
    'Reads /var/log/btmp: every refused login, with the name that was typed (sometimes a password) and the address. ' +
    'Records of 384 bytes (x86-64); machines with others (aarch64: 400) are refused.',
  guarantee:
    'Files: nothing lost, nothing doubled. Names longer than 32 bytes and hosts longer than 256 are cut by the system. The clock of the ' +
    'machine is taken as it is.',
  datasets: ['linux.btmp'],
  framing: { kind: 'records', cut: utmpCutter },
  maxBytes: RECORD_BYTES,
  normalise,
});
