/** NetBackup reports against samples after the vendor's documents. */
import { describe } from 'vitest';
import { keepsTheContract } from '../tests/collector-contract.ts';
import { netbackup } from './netbackup.ts';

describe('netbackup', () => {
  keepsTheContract(netbackup);
});
