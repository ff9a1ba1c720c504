import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { formatProblem } from '../core/errors.ts';
import { checkRules } from './check-rules.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigia-cases-'));
afterAll(() => rmSync(folder, { recursive: true }));

const good = `title: Something strange happens
id: 7f5c2f3e-0000-4000-8000-000000000001
name: strange
status: experimental
author: Vigia
description: "Somebody does x. Not caught: y."
tags: [attack.t1110]
logsource: {product: linux, service: sshd}
detection: {sel: {event.action: x}, filter: {user.name: root}, condition: sel and not filter}
falsepositives: [tests]
level: medium
vigia: {runbook: ["Look at source.ip in the hour before."]}
`;
const correlation = `---
title: Something strange happens often
id: 7f5c2f3e-0000-4000-8000-000000000002
status: experimental
author: Vigia
description: "Not caught: slow ones."
tags: [attack.t1110]
correlation: {type: value_count, rules: [strange], group-by: [source.ip], timespan: 1m, condition: {field: user.name, gte: 3}}
falsepositives: [tests]
level: high
vigia: {runbook: ["Look at source.ip in the window."]}
`;
const cases = `base:
  '@timestamp': '2026-03-01T10:00:00Z'
  event.action: x
  event: {category: [authentication]}
  source: {ip: 192.0.2.1}
  user.name: ana
cases:
  - {name: it happens, expect: match, rule: strange}
  - {name: root does it, change: {user.name: root}, expect: miss, rule: strange}
  - {name: nothing is done, remove: [event.action], expect: miss, rule: strange}
`;
const check = async (rule: string, caseText: string | undefined, name = 'something_strange_happens') => {
  const place = mkdtempSync(join(folder, 'x-'));
  writeFileSync(join(place, `${name}.yml`), rule);
  if (caseText !== undefined) writeFileSync(join(place, `${name}.test.yml`), caseText);
  const { problems, cases: results } = await checkRules(place);
  const inPlace = (text: string) => text.replaceAll(`${place}/`, '');
  return {
    problems: problems.map((problem) => inPlace(formatProblem(problem))),
    failed: results.filter((result) => !result.passed).map((result) => inPlace(result.message)),
    count: results.length,
  };
};

describe('cases', () => {
  it('change a base event by dotted names, and pass', async () => {
    expect(await check(good, cases)).toEqual({ problems: [], failed: [], count: 3 });
  });
  it('run series of events against correlations', async () => {
    const more = `${cases}  - name: three users in a minute
    events: [{repeat: 3, every: 2s, change: {user.name: 'user{n}'}}]
    expect: alert
  - name: three users in more than a minute
    events: [{repeat: 3, every: 31s, change: {user.name: 'user{n}'}}]
    expect: none
  - name: one user three times
    events: [{repeat: 3, every: 1s}]
    expect: none
`;
    expect(await check(`${good}${correlation}`, more)).toEqual({ problems: [], failed: [], count: 6 });
  });
  it('say what happened instead when they fail', async () => {
    const wrong = `${cases}  - {name: root is told apart, change: {user.name: root}, expect: match, rule: strange}\n  - {name: ana is not, expect: miss, rule: strange}\n`;
    expect((await check(good, wrong)).failed).toEqual([
      'something_strange_happens.test.yml:11:5 case "root is told apart": expected a match, 0 of 1 events match',
      'something_strange_happens.test.yml:12:5 case "ana is not": expected a miss, but 1 of 1 events match',
    ]);
    const none = `${cases}  - {name: often, events: [{repeat: 2}], expect: alert}\n`;
    expect((await check(`${good}${correlation}`, none)).failed).toEqual([
      expect.stringMatching(/expected an alert, got none; matches: 2 of "Something strange happens"/),
    ]);
  });
  it('are checked themselves', async () => {
    expect((await check(good, cases.replace('expect: match', 'expct: match'))).problems).toEqual([
      expect.stringMatching(/:8:5 item 1 of "cases" lacks the key "expect"/),
      expect.stringMatching(/:8:24 unknown key "expct"; did you mean "expect"\?/),
    ]);
    expect((await check(good, undefined)).problems).toEqual([
      expect.stringMatching(/the rule has no cases; write something_strange_happens\.test\.yml/),
    ]);
  });
});

describe('checks', () => {
  it.each([
    ['attack-tags', ['attack.t1110', 'attack.t9999'], /unknown ATT&CK tag attack\.t9999.*\[attack-tags\]/],
    ['attack-tags', ['[attack.t1110]', '[attack.discovery]'], /names no ATT&CK technique \[attack-tags\]/],
    ['not-caught', ['Not caught: y.', 'Fine.'], /\[not-caught\]/],
    ['false-positives', ['[tests]', '[]'], /\[false-positives\]/],
    ['stated', ['level: medium\n', ''], /the rule has no level \[stated\]/],
    ['stated', ['7f5c2f3e-0000-4000-8000-000000000001', 'seven'], /the id is no UUID \[stated\]/],
    [
      'runbook',
      ['Look at source.ip in the hour before.', 'Look around for an hour.'],
      /no step of the runbook names a field \[runbook\]/,
    ],
    [
      'runbook-window',
      ['Look at source.ip in the hour before.', 'Look at source.ip.'],
      /no step of the runbook names a time window \[runbook-window\]/,
    ],
    ['title', ['Something strange happens', 'something strange happens'], /capital letter \[title\]/],
    ['title', ['Something strange happens', 'Something strange happens.'], /full stop \[title\]/],
    ['invisible', ['[tests]', '["te\u202ests"]'], /:10:21 an invisible character: ⟨202E⟩ \[invisible\]/],
    [
      'file-name',
      ['Something strange happens', 'Users do odd work'],
      /file name and title disagree.*\[file-name\]/,
    ],
  ])('%s: %s', async (_id, [from, to], message) => {
    const { problems } = await check(good.replace(from!, to!), cases);
    expect(problems).toEqual([expect.stringMatching(message)]);
  });
  it('near-miss: a miss that differs in two fields that the rule reads', async () => {
    const two = 'change: {user.name: root, event.action: y, source.ip: 192.0.2.7}';
    const more = `${cases}  - {name: another, expect: miss, rule: strange, ${two}}\n`;
    expect((await check(good, more)).problems).toEqual([
      expect.stringMatching(
        /:11:5 case "another": it differs .* in event\.action and user\.name \[near-miss\]/,
      ),
    ]);
  });
  it('near-miss: a silent series without a match of any part', async () => {
    const more = `${cases}  - {name: three, events: [{repeat: 3, change: {user.name: 'u{n}'}}], expect: alert}
  - {name: nothing, change: {event.action: y}, expect: none}\n`;
    expect((await check(`${good}${correlation}`, more)).problems).toEqual([
      expect.stringMatching(/:12:5 case "nothing": no event matches a part of the correlation \[near-miss\]/),
    ]);
  });
  it('has-cases', async () => {
    const only = `${cases.split('  - {name: root')[0]}`;
    expect((await check(good, only)).problems).toEqual([
      expect.stringMatching(/no case is a near miss \[has-cases\]/),
    ]);
  });
});
