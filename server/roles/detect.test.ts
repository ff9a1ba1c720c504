import { expect, it } from 'vitest';
import { errors } from '../../core/errors.ts';
import { firstRound } from './detect.ts';

const failing = (cause: Error) => firstRound({ round: () => Promise.reject(cause) });

it.each([
  ['another process comes first', errors.conflict('progress detect-0:1')],
  ['the store is away', errors.remote('Elasticsearch', 'search', 'no answer', 'try again')],
])('lets the service start although %s in the first round of detection', async (_, cause) => {
  await expect(failing(cause)).resolves.toBeUndefined();
});

it('stops the start at a mistake of ours in the first round of detection', async () => {
  await expect(failing(new TypeError('x is not a function'))).rejects.toThrow('x is not a function');
});
