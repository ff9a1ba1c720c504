/** What runs keep as evidence over HTTP: a list whose hashes were worked out just now, and the pieces, of which each reading is audited. */
import type { FastifyInstance } from 'fastify';
import { readKept, readPiece } from '../../playbooks/index.ts';
import type { Parts } from '../parts.ts';
import { findRun } from './find-run.ts';

/** Logs and events hold personal data. */
const READERS = ['analyst', 'responder', 'approver', 'auditor'] as const;
const id = { type: 'string', description: 'Number (RUN-2026-000001) or id of the run' } as const;

export const evidenceRoutes =
  ({ playbooks, store }: Parts) =>
  async (app: FastifyInstance) => {
    app.get<{ Params: { id: string } }>(
      '/api/v1/runs/:id/evidence',
      {
        schema: {
          summary: 'What a run keeps as evidence; every hash is worked out again',
          params: { type: 'object', required: ['id'], properties: { id } },
        },
        config: { roles: READERS },
      },
      async ({ params }) => {
        const run = await findRun(store, params.id);
        const files = await readKept(store.documents, run.id, await playbooks.journal(run.id));
        return {
          run: run.number,
          files,
          intact: files.every(({ state }) => state === 'intact' || state === 'unlisted'),
        };
      },
    );

    app.get<{ Params: { id: string; step: number; sha256: string } }>(
      '/api/v1/runs/:id/evidence/:step/:sha256',
      {
        schema: {
          summary: 'One piece of evidence, its content in Base64',
          params: {
            type: 'object',
            required: ['id', 'step', 'sha256'],
            properties: {
              id,
              step: { type: 'integer', minimum: 0, description: 'Counted from 0' },
              sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
            },
          },
        },
        config: { roles: READERS, audit: 'run.evidence.read' },
      },
      async ({ params }) => {
        const run = await findRun(store, params.id);
        const piece = await readPiece(store.documents, run.id, params.step, params.sha256);
        const { name, size, sha256, content } = piece;
        return { name, size, sha256, content };
      },
    );
  };
