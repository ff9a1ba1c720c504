/** The fault matrix. */
import { stoodStill } from './datagrams.ts';
import { eventLogKilled } from './event-log.ts';
import type { Fault } from './fault.ts';
import { networkCut } from './network.ts';
import { tableKilled } from './polled.ts';
import { bulkKilled, otlpKilled } from './pushed.ts';
import { alike, copied, deleted, halved, renamed } from './rotation.ts';
import { clockBack, killed, undisturbed } from './service.ts';
import { receiverKilled, spoolFull } from './spool.ts';
import { floodStage, masterKilled, storeKilled, writeBlock } from './store.ts';

export const faults: Readonly<Record<string, Fault>> = {
  undisturbed,
  killed,
  'clock-back': clockBack,
  renamed,
  copied,
  deleted,
  halved,
  alike,
  'spool-full': spoolFull,
  'receiver-killed': receiverKilled,
  datagrams: stoodStill,
  evtx: eventLogKilled,
  sql: tableKilled,
  bulk: bulkKilled,
  otlp: otlpKilled,
  'store-killed': storeKilled,
  'master-killed': masterKilled,
  'write-block': writeBlock,
  'flood-stage': floodStage,
  'network-cut': networkCut,
};
