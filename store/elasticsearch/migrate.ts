/** Puts our index templates into the cluster and creates the indices that are not made by the first event. */
import type { Client, estypes } from '@elastic/elasticsearch';
import { KINDS } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { remotely } from './connection.ts';
import { createIndex } from './create-index.ts';
import type { Names } from './names.ts';
import type { Template } from './templates.ts';

export async function migrate(
  client: Client,
  names: Names,
  templates: ReadonlyMap<string, Template>,
): Promise<void> {
  for (const [file, template] of templates) await upgrade(client, names, file, template);
  for (const index of [...KINDS.map(names.documents), names.batches, names.control])
    await createIndex(client, index);
}

async function upgrade(client: Client, names: Names, file: string, template: Template): Promise<void> {
  const name = names.prefixed(`vigia-${file}`);
  const there = await remotely('read an index template', () =>
    client.indices.getIndexTemplate({ name }, { ignore: [404] }),
  );
  const known = Number(there.index_templates?.[0]?.index_template._meta?.['version'] ?? 0);
  const { version } = template._meta;
  if (known > version)
    throw errors.refused(
      `index template ${name} is of a newer Vigia (version ${known}, known ${version})`,
      'start the newer version',
    );
  if (known === version) return;
  const patterns = template.index_patterns.map(names.prefixed);
  // The files are written for this call; a test against a real node keeps them right.
  const mappings = template.template.mappings as estypes.MappingTypeMapping;
  await remotely(`put index template ${name}`, () =>
    client.indices.putIndexTemplate({
      name,
      index_patterns: patterns,
      priority: template.priority,
      _meta: template._meta,
      template: { settings: template.template.settings as estypes.IndicesIndexSettings, mappings },
    }),
  );
  // Indices that are there already learn the new fields; a changed type needs a new index and fails here, by name.
  if (known > 0) {
    await remotely(`extend the mapping of ${patterns.join(', ')}`, () =>
      client.indices.putMapping({
        index: patterns,
        ignore_unavailable: true,
        allow_no_indices: true,
        ...mappings,
      } as estypes.IndicesPutMappingRequest),
    );
  }
}
