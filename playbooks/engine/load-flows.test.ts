import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { actions } from '../actions/index.ts';
import { loadFlows } from './load-flows.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-flows-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const load = (...texts: string[]) => {
  texts.forEach((text, index) => void writeFileSync(join(folder, `${index}.yml`), text));
  return loadFlows(folder, actions, ['night']);
};
const flow = (steps: string, id = 'sample') => `id: ${id}
title: A sample
description: For tests.
input:
  account: { type: string, description: Who. }
steps:
${steps}`;
const good = "  - { name: a, action: directory.disable-account, with: { account: '{{input.account}}' } }\n";

describe('loading flows', () => {
  it('reads the flows that come with Vigia', () => {
    const flows = loadFlows(join(import.meta.dirname, '../flows'), actions);
    expect([...flows.keys()]).toContain('contain-account');
  });

  it('gives the same hash when only layout and comments change', () => {
    const before = load(flow(good)).get('sample')?.hash;
    expect(load(`# a comment\n${flow(good)}\n\n`).get('sample')?.hash).toBe(before);
    expect(load(flow(good.replace('name: a', 'name: b'))).get('sample')?.hash).not.toBe(before);
  });

  it.each([
    [
      'an action that does not exist',
      '  - { name: a, action: directory.disable-acount }\n',
      /0\.yml:7:\d+ unknown action.*did you mean "directory.disable-account"/,
    ],
    [
      'an input that the action does not take',
      good.replace('account:', 'acount:'),
      /takes no "acount"; did you mean "account"/,
    ],
    [
      'an input that the action needs',
      '  - { name: a, action: directory.disable-account }\n',
      /needs "account"/,
    ],
    [
      'a reference to nothing',
      good.replace('input.account', 'input.user'),
      /input has no "user"; known: account/,
    ],
    [
      'an expression',
      good.replace('{{input.account}}', '{{input.account.constructor()}}'),
      /is not a reference/,
    ],
    [
      'a reference inside text',
      good.replace('{{input.account}}', 'x{{input.account}}'),
      /is not a reference/,
    ],
    [
      'a condition that is none',
      good.replace('name: a', "name: a, when: 'input.account:('"),
      /column \d+ of the condition/,
    ],
    ['two steps with one name', good + good, /two steps are called "a"/],
    [
      'an unknown key',
      good.replace('name: a', 'name: a, on_failur: stop'),
      /unknown key "on_failur"; did you mean "on_failure"/,
    ],
    [
      'an item where there is no list',
      good.replace('input.account', 'item'),
      /0\.yml:7:\d+ there is no item here.*only a step with for_each/,
    ],
    [
      'a condition over what does not exist',
      good.replace('name: a', "name: a, when: 'input.user:x or steps.b.outcome:proven or weather:*'"),
      /cannot read "input\.user"[\s\S]*cannot read "weather"[\s\S]*no step before this one has the id b/,
    ],
    [
      'a condition over a step that runs beside',
      `  - parallel:\n    - [${good.slice(4).trim().replace('name: a', 'id: x, name: a')}]\n    - [${good.slice(4).trim().replace('name: a', "name: b, when: 'steps.x.outcome:proven'")}]\n`,
      /step x runs beside this one/,
    ],
    [
      'a window that does not exist',
      good.replace('name: a', 'name: a, window: noon'),
      /no window "noon".*known: night/,
    ],
    ['a time limit that is none', good.replace('name: a', 'name: a, time_limit: soon'), /"time_limit"/],
    [
      'a window by an input that does not exist',
      good.replace('name: a', "name: a, window: '{{input.night}}'"),
      /0\.yml:7:\d+ input has no "night"/,
    ],
    [
      'steps that go together without a list',
      good.replace('name: a', 'name: a, together: x'),
      /0\.yml:7:\d+ only steps with for_each go together/,
    ],
    [
      'steps that go together through two lists',
      good.replace('name: a', 'name: a, together: x, for_each: [1]') +
        good.replace('name: a', 'name: b, together: x, for_each: [2]'),
      /0\.yml:8:\d+ steps that go together have one list.*write the one of "a"/,
    ],
    ['a branch alone', `  - parallel:\n    - [${good.slice(4).trim()}]\n`, /"parallel"/],
  ])('names the place of %s', (_, steps, message) => {
    expect(() => load(flow(steps))).toThrow(message);
  });

  it('reports the mistakes of all files at once', () => {
    expect(() => load(flow('  []', 'x'), flow(good.replace('account:', 'acount:'), 'other'), 'a: [')).toThrow(
      /0\.yml[\s\S]*1\.yml[\s\S]*2\.yml/,
    );
  });

  it('refuses a second flow with the same id', () => {
    expect(() => load(flow(good), flow(good))).toThrow(/1\.yml:1:1 another flow has the id sample/);
  });
});
