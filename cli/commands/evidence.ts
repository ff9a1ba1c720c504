/** `vigia evidence …`: what runs keep as evidence, read back and checked against its hashes. */
import { createHash } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errors } from '../../core/errors.ts';
import { visible } from '../../core/visible.ts';
import type { KeptFile } from '../../playbooks/index.ts';
import type { Api } from '../api.ts';
import { type Command, command } from '../command.ts';
import { table } from '../print.ts';

interface Kept {
  run: string;
  files: KeptFile[];
  intact: boolean;
}

const keptBy = (api: Api, run: string) => api.get<Kept>(`/api/v1/runs/${encodeURIComponent(run)}/evidence`);

const list = command({
  name: 'evidence list',
  summary: 'what a run keeps; every hash is worked out again, and exit 1 says that one is not as it was',
  arguments: '<run>',
  async run([run], _options, context) {
    const kept = await keptBy(await context.api(), run!);
    const rows = kept.files.map(({ step, state, size, sha256, name, from }) => [
      step + 1,
      state,
      size,
      sha256,
      name,
      from ?? '',
    ]);
    return {
      data: kept,
      text:
        rows.length === 0
          ? 'No evidence.'
          : table(['STEP', 'STATE', 'BYTES', 'SHA-256', 'NAME', 'TAKEN BY'], rows),
      exitCode: kept.intact ? 0 : 1,
    };
  },
});

const save = command({
  name: 'evidence save',
  summary: 'write what a run keeps into a new folder, with the SHA256SUMS that sha256sum -c reads',
  arguments: '<run>',
  options: [{ flags: '--out <folder>', summary: 'a folder that is not there yet', required: true }],
  example:
    'vigia evidence save RUN-2026-000017 --out evidence-17 && (cd evidence-17 && sha256sum -c SHA256SUMS)',
  async run([run], options, context) {
    const api = await context.api();
    const out = String(options['out']);
    const kept = await keptBy(api, run!);
    await makeNew(out);
    const sums: string[] = [];
    const wrong: string[] = [];
    for (const [index, file] of kept.files.entries()) {
      const name = fileNameOf(file, index);
      const sha256 = await fetchInto(join(out, name), api, run!, file);
      if (sha256 !== undefined) sums.push(`${file.sha256}  ${name}\n`);
      if (sha256 !== file.sha256)
        wrong.push(
          `step ${file.step + 1}, ${file.name}: ${sha256 === undefined ? 'missing' : `its hash is ${sha256}`}`,
        );
    }
    // Last: without it the folder is not whole.
    await writeFile(join(out, 'SHA256SUMS'), sums.join(''), { mode: 0o600 });
    const text = [
      `${sums.length} files in ${visible(out)}`,
      ...wrong.map((line) => `NOT AS IT WAS: ${visible(line)}`),
    ];
    return { data: { ...kept, out, wrong }, text: text.join('\n'), exitCode: wrong.length === 0 ? 0 : 1 };
  },
});

async function makeNew(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (cause) {
    throw errors.usage(
      `${folder} cannot be made: ${(cause as Error).message}`,
      'name a folder that is not there yet, in one that is',
    );
  }
}

/** Names come from hosts and people: only what is safe in every file system is left of them. */
const fileNameOf = ({ step, name }: KeptFile, index: number): string =>
  `step${step + 1}-${index + 1}-${name.replaceAll(/[^\w.-]+/g, '_').slice(0, 100)}`;

/** The hash of what came, piece by piece; undefined where a piece is not there. */
async function fetchInto(path: string, api: Api, run: string, file: KeptFile): Promise<string | undefined> {
  if (file.state === 'missing') return undefined;
  const whole = createHash('sha256');
  const target = await open(path, 'wx', 0o600);
  try {
    for (const part of file.parts) {
      const piece = await api.get<{ content: string }>(
        `/api/v1/runs/${encodeURIComponent(run)}/evidence/${file.step}/${part}`,
      );
      const bytes = Buffer.from(piece.content, 'base64');
      whole.update(bytes);
      await target.write(bytes);
    }
  } finally {
    await target.close();
  }
  return whole.digest('hex');
}

export const evidenceCommands: readonly Command[] = [list, save];
