/** Fetches Kafka's own server from Maven Central, as the jars that it is made of, and formats an empty log once. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { command } from './command.ts';
import { findJava, kafkaHome, kafkaVersion } from './components.ts';
import { cacheFolder, removeFolder } from './folder.ts';
import { kafkaAccount, startKafka } from './kafka.ts';

const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
/** The server asks for its logger by name. */
const loggerVersion = '2.24.3';

/** Of names and content of the jars that all our runs used: nothing else is started. */
const sha256 = '393b6183ea30541e740d0c3b0ac8a681298e703cb63da7602a9fcf4df3ad0aa6';

export async function downloadKafka(): Promise<void> {
  if (existsSync(kafkaHome())) return;
  mkdirSync(cacheFolder(), { recursive: true });
  // Beside the final place, so that the last step is one rename and a killed run leaves nothing half done.
  const folder = mkdtempSync(cacheFolder('unpack-'));
  try {
    writeFileSync(join(folder, 'pom.xml'), project());
    const jars = join(folder, 'kafka', 'libs');
    await command('mvn', ['-q', '-B', '-f', folder, plugin, `-DoutputDirectory=${jars}`]);
    const found = digest(jars);
    if (found !== sha256)
      throw new Error(
        `Kafka ${kafkaVersion} has SHA-256 ${found}, expected ${sha256}: not used; ask who changed it`,
      );
    await format(join(folder, 'kafka'));
    // A first start, whose loaded classes are kept: the others take less than half the time.
    await command('chmod', ['-R', 'a+rX', folder]);
    await (await startKafka({ home: join(folder, 'kafka'), keepClasses: true })).stop();
    await command('chmod', ['-R', 'a+rX', folder]);
    renameSync(join(folder, 'kafka'), kafkaHome());
  } finally {
    removeFolder(folder);
  }
}

const dependency = (group: string, artifact: string, version: string): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;

const project = (): string =>
  `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>vigia</groupId><artifactId>kafka</artifactId><version>1</version><dependencies>
${dependency('org.apache.kafka', 'kafka_2.13', kafkaVersion)}
${dependency('org.apache.logging.log4j', 'log4j-core', loggerVersion)}
</dependencies></project>
`;

function digest(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort())
    hash.update(
      `${name} ${createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')}\n`,
    );
  return hash.digest('hex');
}

/** What a first start needs: the identity of the cluster, and the account. Copied for each broker. */
async function format(home: string): Promise<void> {
  const settings = join(home, 'format.properties');
  const lines = [
    'process.roles=broker,controller',
    'node.id=1',
    'controller.quorum.voters=1@127.0.0.1:9093',
    'listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093',
    'controller.listener.names=CONTROLLER',
    `log.dirs=${join(home, 'empty')}`,
  ];
  writeFileSync(settings, `${lines.join('\n')}\n`);
  const { user, password } = kafkaAccount;
  await command(join(findJava() ?? '', 'bin', 'java'), [
    ...['-XX:TieredStopAtLevel=1', '-cp', join(home, 'libs', '*'), 'kafka.tools.StorageTool', 'format'],
    ...['-t', 'dmlnaWEtdGVzdC1iZWQtMQ', '-c', settings],
    ...['--add-scram', `SCRAM-SHA-512=[name=${user},password=${password}]`],
  ]);
}
