/** Proof `auditd`: records of the recorded log, and of shells that run here at once, are joined as laurel joins them. */
import { readFileSync } from 'node:fs';
import { corpusPath } from '../corpus.ts';
import { auditedId, recordAudit } from '../testbed/auditd.ts';
import { differences, laurel, ourEvents } from './auditd-laurel.ts';
import type { Proof, ProofResult } from './proof.ts';

/** Rounds that each of the shells makes. */
const ROUNDS = 20;
const SHELLS = 8;

const who = `-F auid=${auditedId}`;
const RULES = [
  `-a always,exit -F arch=b64 -S execve ${who} -k exec`,
  `-a always,exit -F arch=b64 -S openat,unlinkat,renameat2,fchmodat ${who} -F dir=$WORK -k files`,
  `-a always,exit -F arch=b64 -S connect,kill ${who} -k other`,
];

/** Names with blanks, quotes and line ends, arguments over many records, files that come and go, connections that fail. */
const script = (rounds: number): string => `
mkdir "$$" && cd "$$"
for n in $(seq 1 ${rounds}); do
  /bin/ls -la /nonexistent "a b" 'quo"te' '' "tab	x" "new
line" é 50%25 2>/dev/null
  : > "sp ace $n"; mv "sp ace $n" 'quo"te'; chmod 600 'quo"te'; rm 'quo"te'
  /bin/true $(head -c 9000 /dev/zero | tr '\\0' x)
  /bin/true $(seq 1 300)
  /usr/bin/python3 -c '
import os, socket
for family, place in ((socket.AF_INET, ("127.0.0.1", 1)), (socket.AF_INET6, ("::1", 9)), (socket.AF_UNIX, "/run/none")):
  try: socket.socket(family).connect(place)
  except OSError: pass
try: os.kill(4194303, 15)
except OSError: pass
'
done
`;

export const auditd: Proof = async ({ scale, only, say }) => {
  const result: ProofResult = { proof: 'auditd', cases: 0, lost: 0, doubled: 0, failed: 0, more: {} };
  const compare = async (name: string, log: Uint8Array) => {
    const [ours, theirs] = [ourEvents(log), await laurel(log)];
    const { compared, failed, lost } = differences(ours, theirs);
    for (const one of failed.slice(0, 20)) say(`${name}: ${one}`);
    result.cases += theirs.length;
    result.lost += lost + Math.max(0, theirs.length - ours.size);
    result.doubled += Math.max(0, ours.size - theirs.length);
    result.failed += failed.length;
    Object.assign(result.more, { [`${name} events`]: theirs.length, [`${name} values`]: compared });
  };
  if (only === undefined || only.includes('recorded'))
    await compare('recorded', readFileSync(corpusPath('samples', 'linux', 'audit.log')));
  if (only === undefined || only.includes('live'))
    await compare('live', await recordAudit(RULES, script(Math.max(1, Math.round(ROUNDS * scale))), SHELLS));
  return result;
};
