import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readAccessPolicy, ruleFor } from './policy.ts';
import { policyFile } from './testbench/desk.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigia-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));
const line =
  '{ id: a, systems: ["*"], roles: ["*"], needed: 1, approver: approver, longest_minutes: 60, wait_hours: 1 }';
const written = (access: string, rest = 'late_after_seconds: 60\ndormant_days: 90') => {
  const file = join(folder, 'access.yml');
  writeFileSync(
    file,
    `source: x\nsince: 2026-11-28\naccess:\n  - ${access}\nreview: { role: approver, days: 7 }\n${rest}\n`,
  );
  return file;
};

it('decides by the first line that fits, whatever the letter case', () => {
  const policy = readAccessPolicy(policyFile);
  expect(ruleFor(policy, policyFile, 'directory', 'DOMAIN ADMINS').id).toBe('whole-domain');
  expect(ruleFor(policy, policyFile, 'payments', 'reader').id).toBe('everything-else');
});

it('gives nothing that no line fits', () => {
  const file = written(line.replace('roles: ["*"]', 'roles: [reader*]'));
  const policy = readAccessPolicy(file);
  expect(ruleFor(policy, file, 'payments', 'readers').id).toBe('a');
  expect(() => ruleFor(policy, file, 'payments', 'writer')).toThrow(
    /no line of access.yml lets anybody have "writer"/,
  );
});

it.each([
  [line.replace('needed: 1', 'needed: 0'), undefined, /access.yml:4:\d+ "needed"/],
  [
    line.replace('needed: 1', 'needed: 2, of: [olga]'),
    undefined,
    /access.yml:4:\d+ 1 names cannot give 2 approvals/,
  ],
  [
    line.replace('longest_minutes', 'longest_minuts'),
    undefined,
    /unknown key "longest_minuts"; did you mean/,
  ],
  [line, 'late_after_seconds: 60', /lacks the key "dormant_days"/],
])('names the place of a mistake (%s)', (access, rest, message) => {
  expect(() => readAccessPolicy(written(access, rest))).toThrow(message);
});
