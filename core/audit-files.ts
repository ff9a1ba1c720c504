/** The files of the audit trail outside the store: its key, made at first start, and the heads of its chains. */
import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Head, Heads } from './audit.ts';
import { errors } from './errors.ts';

const KEY_BYTES = 32;
const HEAD = '.head';

/** Reads the key, or makes it (mode 0600) when the file does not exist. A key that others may read is refused. */
export async function auditKey(file: string): Promise<Uint8Array> {
  const existing = await readKey(file);
  if (existing) return existing;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const made = await writeAside(file, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
  try {
    // Fails when another process made one meanwhile; a rename would replace its key.
    await link(made, file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  } finally {
    await rm(made, { force: true });
  }
  const key = await readKey(file);
  if (!key) throw errors.usage(`the audit key ${file} vanished while it was made`);
  return key;
}

async function readKey(file: string): Promise<Uint8Array | undefined> {
  const content = await readText(file);
  if (content === undefined) return undefined;
  if (((await stat(file)).mode & 0o077) !== 0)
    throw errors.refused(
      `the audit key ${file} is open to other accounts of this machine`,
      `chmod 600 ${file}`,
    );
  const hex = content.trim();
  if (!/^[0-9a-f]{64}$/.test(hex))
    throw errors.usage(
      `the audit key ${file} does not hold 64 hexadecimal digits`,
      'restore it from the backup; with a new key old entries cannot be verified',
    );
  return Buffer.from(hex, 'hex');
}

/** One file per chain (`serve-1.head`), replaced whole at every write, so that a crash leaves the old head or the new one. */
export function fileHeads(folder: string): Heads {
  const fileOf = (writer: string) => join(folder, `${writer}${HEAD}`);
  const readOne = async (writer: string): Promise<Head | undefined> => {
    const content = await readText(fileOf(writer));
    if (content === undefined) return undefined;
    const [sequence, hash] = content.trim().split(' ');
    if (!/^\d+$/.test(sequence ?? '') || !/^[0-9a-f]{64}$/.test(hash ?? ''))
      throw errors.usage(`the audit head ${fileOf(writer)} is damaged`, 'restore the file from the backup');
    return { sequence: Number(sequence), hash: hash! };
  };
  return {
    async read() {
      const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT') return [];
        throw cause;
      });
      const writers = names.filter((name) => name.endsWith(HEAD)).map((name) => name.slice(0, -HEAD.length));
      const heads: Record<string, Head> = {};
      for (const writer of writers) {
        const head = await readOne(writer);
        if (head) heads[writer] = head;
      }
      return heads;
    },
    async write(writer, head) {
      if (((await readOne(writer))?.sequence ?? 0) >= head.sequence) return;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await rename(await writeAside(fileOf(writer), `${head.sequence} ${head.hash}\n`), fileOf(writer));
    },
  };
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw errors.usage(`${file} cannot be read: ${(cause as Error).message}`);
  }
}

/** Writes durably to a new file beside `file` and gives its name. */
async function writeAside(file: string, content: string): Promise<string> {
  const aside = `${file}.${randomUUID()}.new`;
  const handle = await open(aside, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return aside;
}
