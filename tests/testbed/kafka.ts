/** A real Kafka broker (its own controller, KRaft) on free loopback ports: one open port, one with TLS and SASL. */
import {
  chownSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { issueCertificate } from './certificates.ts';
import { findJava, kafkaHome } from './components.ts';
import { type Contained, contain, privateTmp } from './contained.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { serviceUser } from './user.ts';
import { canConnect, freePort, untilReady } from './wait.ts';

export interface Kafka {
  /** Without TLS and without account. */
  readonly broker: string;
  /** TLS, with the account by PLAIN or SCRAM-SHA-512. */
  readonly secured: string;
  /** The authority of its certificate (PEM). */
  readonly caFile: string;
  readonly account: { readonly user: string; readonly password: string };
  kill(): Promise<void>;
  /** Starts again on the same data and ports after `kill`. */
  start(): Promise<void>;
  /** Ends the broker and removes its data. */
  stop(): Promise<void>;
}

/** The one account of the brokers; it exists from the first start on. */
export const kafkaAccount = { user: 'vigia', password: 'only-for-tests' };

/** Classes that a broker loads, ready for the next one, beside its jars. */
const CLASSES = 'classes.jsa';

export interface KafkaOptions {
  /** Where its jars are. */
  readonly home?: string;
  /** Leaves the classes there that this broker has loaded when it ends. */
  readonly keepClasses?: boolean;
}

export async function startKafka(options: KafkaOptions = {}): Promise<Kafka> {
  const folder = temporaryFolder('kafka');
  try {
    return await startIn(folder, options);
  } catch (cause) {
    removeFolder(folder);
    throw cause;
  }
}

async function startIn(
  folder: string,
  { home = kafkaHome(), keepClasses = false }: KafkaOptions,
): Promise<Kafka> {
  const java = findJava();
  if (java === undefined) throw new Error('no JDK for Kafka: run tests/testbed/install.ts');
  const user = await serviceUser('vigia-kafka');
  const pki = await issueCertificate(join(folder, 'pki'), 'localhost', ['DNS:localhost', 'IP:127.0.0.1']);
  const [open, secured, controller] = [await freePort(), await freePort(), await freePort()];
  const [data, store] = [join(folder, 'data'), join(folder, 'server.pem')];
  cpSync(join(home, 'empty'), data, { recursive: true });
  mkdirSync(join(folder, 'server'));
  writeFileSync(store, readFileSync(pki.keyFile, 'utf8') + readFileSync(pki.certFile, 'utf8'));
  writeFileSync(join(folder, 'server.properties'), settings({ open, secured, controller, data, store }));
  for (const path of [data, store, ...readdirSync(data).map((name) => join(data, name))])
    chownSync(path, user.uid, user.gid);
  let server: Contained;
  const start = async (): Promise<void> => {
    server = await contain({
      program: join(java, 'bin', 'java'),
      args: [
        ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m'],
        keepClasses
          ? `-XX:ArchiveClassesAtExit=${join(data, CLASSES)}`
          : `-XX:SharedArchiveFile=${join(folder, 'server', CLASSES)}`,
        ...['-cp', join(folder, 'server', 'libs', '*'), 'kafka.Kafka', join(folder, 'server.properties')],
      ],
      user,
      logFile: join(folder, 'output.log'),
      // The cache folder may lie under a closed home directory; the server sees it here instead.
      mounts: [{ from: home, to: join(folder, 'server') }, ...privateTmp(folder)],
    });
    await untilReady('Kafka', [server], 120_000, () => canConnect(secured, '127.0.0.1', '127.0.0.1'));
  };
  await start();
  return {
    broker: `127.0.0.1:${open}`,
    secured: `localhost:${secured}`,
    caFile: pki.caFile,
    account: kafkaAccount,
    kill: () => server.stop('SIGKILL'),
    start,
    async stop() {
      // Its data does not outlive it, so it need not end in good order.
      await server.stop(keepClasses ? 'SIGTERM' : 'SIGKILL', 60_000);
      if (keepClasses) copyFileSync(join(data, CLASSES), join(home, CLASSES));
      removeFolder(folder);
    },
  };
}

interface Places {
  open: number;
  secured: number;
  controller: number;
  data: string;
  store: string;
}

/** Members of groups may be silent for half a second only, and nobody waits for others to join: tests are short. */
function settings({ open, secured, controller, data, store }: Places): string {
  const { user, password } = kafkaAccount;
  const sasl = 'listener.name.secured';
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=OPEN://127.0.0.1:${open},SECURED://localhost:${secured},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=OPEN://127.0.0.1:${open},SECURED://localhost:${secured}
controller.listener.names=CONTROLLER
inter.broker.listener.name=OPEN
listener.security.protocol.map=CONTROLLER:PLAINTEXT,OPEN:PLAINTEXT,SECURED:SASL_SSL
ssl.keystore.type=PEM
ssl.keystore.location=${store}
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
${sasl}.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_${user}="${password}";
${sasl}.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
log.dirs=${data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=250
group.min.session.timeout.ms=500
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
`;
}
