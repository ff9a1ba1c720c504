/** rsyslog and syslog-ng of Debian, sending the documents of a file under their ids: as they stand there, or parsed and written anew. */
import type { Contained } from '../../testbed/contained.ts';
import { startRsyslog, startSyslogNg } from '../../testbed/shippers.ts';
import { cpuSecondsOf, type ProcessCost, peakMbOf } from './cost.ts';
import { ID_AT, ID_LENGTH } from './documents.ts';

export interface ShipperTask {
  url: string;
  index: string;
  file: string;
  /** For its configuration and its queue; exists. */
  folder: string;
  documents: number;
}

export const SHIPPERS: Readonly<Record<string, (task: ShipperTask) => Promise<Contained>>> = {
  'rsyslog, copying': (task) => startRsyslog(task.folder, rsyslog(task, false)),
  'rsyslog, parsing': (task) => startRsyslog(task.folder, rsyslog(task, true)),
  'syslog-ng, copying': (task) => startSyslogNg(task.folder, syslogNg(task, false)),
  'syslog-ng, parsing': (task) => startSyslogNg(task.folder, syslogNg(task, true)),
};

const LOOK_MS = 250;
const SILENCE_MS = 60_000;

/** From its start until Elasticsearch has taken every document. */
export async function ship(
  start: (task: ShipperTask) => Promise<Contained>,
  task: ShipperTask,
): Promise<ProcessCost> {
  const started = performance.now();
  const shipper = await start(task);
  try {
    let last = { taken: 0, at: performance.now() };
    for (;;) {
      const taken = await takenBy(task);
      const now = performance.now();
      if (taken >= task.documents) break;
      if (taken > last.taken) last = { taken, at: now };
      if (!shipper.isRunning() || now - last.at > SILENCE_MS)
        throw new Error(`${taken} of ${task.documents} documents arrived: ${shipper.lastWords()}`);
      await new Promise((again) => setTimeout(again, LOOK_MS));
    }
    const seconds = (performance.now() - started) / 1_000;
    const pids = shipper.pids();
    return { events: task.documents, seconds, cpuS: cpuSecondsOf(pids), peakMb: peakMbOf(pids) };
  } finally {
    await shipper.stop('SIGTERM', 1_000);
  }
}

/** Counts what was indexed, without waiting for a refresh. */
async function takenBy({ url, index }: ShipperTask): Promise<number> {
  const answer = await fetch(
    `${url}/${index}/_stats/indexing?filter_path=_all.primaries.indexing.index_total`,
  );
  if (answer.status === 404) return 0;
  const stats = (await answer.json()) as { _all?: { primaries: { indexing: { index_total: number } } } };
  return stats._all?.primaries.indexing.index_total ?? 0;
}

function rsyslog({ url, index, file }: ShipperTask, isParsing: boolean): string {
  const { hostname, port } = new URL(url);
  const parse = isParsing ? 'action(type="mmjsonparse" cookie="")' : '';
  const templates = isParsing
    ? `template(name="doc" type="string" string="%$!all-json%")
template(name="id" type="string" string="%$!event!id%")`
    : `template(name="doc" type="string" string="%msg%")
template(name="id" type="string" string="%msg:${ID_AT + 1}:${ID_AT + ID_LENGTH}%")`;
  return `module(load="imfile")
module(load="omelasticsearch")
module(load="mmjsonparse")
${templates}
input(type="imfile" File="${file}" Tag="bench" ruleset="out")
ruleset(name="out") {
  ${parse}
  action(type="omelasticsearch" server="${hostname}" serverport="${port}" searchIndex="${index}" searchType=""
    template="doc" bulkmode="on" maxbytes="5m" writeoperation="create" bulkid="id" dynbulkid="on"
    action.resumeRetryCount="-1" queue.type="LinkedList" queue.size="20000" queue.dequeueBatchSize="1000" queue.workerThreads="2")
}
`;
}

function syslogNg({ url, index, file }: ShipperTask, isParsing: boolean): string {
  const parser = isParsing ? 'parser { json-parser(prefix(".j.")); };' : '';
  const id = isParsing ? `\${.j.event.id}` : `$(substr "$MSG" ${ID_AT} ${ID_LENGTH})`;
  const document = isParsing ? '$(format-json --key .j.* --rekey .j.* --shift 3)' : `\${MSG}`;
  return `options { stats-freq(0); log-msg-size(65536); };
source s { file("${file}" flags(no-parse) read-old-records(yes) follow-freq(0.1) log-iw-size(20000)); };
destination d { http(url("${url}/_bulk") method("POST") headers("Content-Type: application/x-ndjson")
  batch-lines(1000) batch-bytes(5000Kb) batch-timeout(500) workers(2) log-fifo-size(20000)
  body-suffix("\\n") delimiter("\\n")
  body('{"create":{"_index":"${index}","_id":"${id}"}}
${document}')); };
log { source(s); ${parser} destination(d); flags(flow-control); };
`;
}
