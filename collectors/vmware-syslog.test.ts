/** VMware syslog against samples after the vendor's documents. */
import { describe } from 'vitest';
import { keepsTheContract } from '../tests/collector-contract.ts';
import { vmwareSyslog } from './vmware-syslog.ts';

describe('vmware-syslog', () => {
  keepsTheContract(vmwareSyslog);
});
