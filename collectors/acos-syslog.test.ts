/** A10 syslog against samples after the vendor's documents. */
import { describe } from 'vitest';
import { keepsTheContract } from '../tests/collector-contract.ts';
import { acosSyslog } from './acos-syslog.ts';

describe('acos-syslog', () => {
  keepsTheContract(acosSyslog);
});
