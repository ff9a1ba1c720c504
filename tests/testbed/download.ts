/** Fetches Elastic's own minimal server from Maven Central and unpacks it once into the cache folder. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.ts';
import { elasticsearchHome, elasticsearchVersion } from './components.ts';
import { cacheFolder, removeFolder } from './folder.ts';

const artifact = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${elasticsearchVersion}:zip`;
const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';

/** Of the file that all our runs used: whatever a mirror answers, nothing else is unpacked and started. */
const sha256 = 'de3d9c88b5f993d9b1f937a1da8d7bfa3e881f83bf3a0dab3e49a8d557934618';

export async function downloadElasticsearch(): Promise<void> {
  if (existsSync(elasticsearchHome())) return;
  mkdirSync(cacheFolder(), { recursive: true });
  // Beside the final place, so that the last step is one rename and a killed run leaves nothing half done.
  const folder = mkdtempSync(cacheFolder('unpack-'));
  try {
    await command('mvn', ['-q', '-B', plugin, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`]);
    const zip = join(folder, `elasticsearch-${elasticsearchVersion}.zip`);
    const found = await digest(zip);
    if (found !== sha256) {
      throw new Error(
        `${artifact} has SHA-256 ${found}, expected ${sha256}: not unpacked; ask who changed it`,
      );
    }
    await command('unzip', ['-q', zip, '-d', folder]);
    // Some unpackers drop the modes.
    await command('chmod', ['-R', 'a+rX', folder]);
    await command('sh', [
      '-c',
      'chmod a+x "$1"/bin/*',
      'sh',
      join(folder, `elasticsearch-${elasticsearchVersion}`),
    ]);
    renameSync(join(folder, `elasticsearch-${elasticsearchVersion}`), elasticsearchHome());
  } finally {
    removeFolder(folder);
  }
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file)) hash.update(part as Buffer);
  return hash.digest('hex');
}
