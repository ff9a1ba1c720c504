import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { corpusPath } from '../../tests/corpus.ts';
import { needCorpus } from '../../tests/testbed/need.ts';
import { actions } from '../actions/index.ts';
import type { Flow } from '../engine/flow.ts';
import { loadFlows } from '../engine/load-flows.ts';
import { makeLamps } from '../testbench/lamps.ts';
import { toCacao } from './export.ts';
import { importFlow } from './import-flow.ts';

const AT = '2026-11-28T12:00:00.000Z';
const SCHEMAS = ['..', 'reference', 'cacao-schemas', 'schemas'];
const lamps = makeLamps([]);
const known = [...actions, lamps.action, lamps.asking];
const flows: readonly Flow[] = ['../flows', '../testdata/flows'].flatMap((folder) => [
  ...loadFlows(join(import.meta.dirname, folder), known).values(),
]);

/** The flow that a text would be in the folder of flows. */
function flowOf(text: string): Flow {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-cacao-'));
  try {
    writeFileSync(join(folder, 'flow.yml'), text);
    return [...loadFlows(folder, known).values()][0]!;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.each(flows.map((flow) => [flow.id, flow] as const))('the flow %s', (_, flow) => {
  const exported = toCacao(flow, known, AT);

  it('comes back from CACAO as the same version', () => {
    const again = flowOf(importFlow(JSON.stringify(exported), 'x.json', known));
    expect(again).toEqual(flow);
  });

  it('is exported the same again', () => {
    expect(toCacao(flow, known, AT)).toEqual(exported);
  });
});

needCorpus(...SCHEMAS).describe('the schemas of OASIS', () => {
  it.each(flows.map((flow) => [flow.id, flow] as const))('accept the export of %s', (_, flow) => {
    const validate = schemas();
    expect(validate(toCacao(flow, known, AT)), JSON.stringify(validate.errors, undefined, 1)).toBe(true);
  });

  it('refuse the same export with an action that nobody does', () => {
    const { workflow, ...rest } = toCacao(flows[0]!, known, AT);
    const steps = Object.entries(workflow).map(([id, { agent: _, ...step }]) => [id, step]);
    expect(schemas()({ ...rest, workflow: Object.fromEntries(steps) })).toBe(false);
  });
});

function schemas() {
  // As they declare themselves, draft 7; read as 2019-09 they would refuse the command of every action.
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  const root = corpusPath(...SCHEMAS);
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.json')) continue;
    ajv.addSchema(JSON.parse(readFileSync(join(root, name), 'utf8')));
  }
  return ajv.getSchema(
    'https://raw.githubusercontent.com/oasis-open/cacao-json-schemas/main/schemas/playbook.json',
  )!;
}

describe('a playbook of another tool', () => {
  const id = (type: string, number: number) => `${type}--00000000-0000-4000-8000-00000000000${number}`;
  const manual = (command: string) => ({ type: 'manual', command });
  const playbook = (workflow: Record<string, object>, more: object = {}) =>
    JSON.stringify({
      type: 'playbook',
      spec_version: 'cacao-2.0',
      name: 'Phishing: remove the message!',
      description: 'From a partner.',
      workflow_start: id('start', 1),
      workflow: {
        [id('start', 1)]: { type: 'start', on_completion: id('action', 2) },
        [id('end', 9)]: { type: 'end' },
        ...workflow,
      },
      ...more,
    });
  const problemsOf = (text: string): string[] => {
    try {
      importFlow(text, 'partner.json', actions);
      return [];
    } catch (cause) {
      return (cause as { problems: { message: string }[] }).problems.map(({ message }) => message);
    }
  };

  it('becomes questions to people where it asks people', () => {
    const text = playbook({
      [id('action', 2)]: {
        type: 'action',
        name: 'Find it',
        commands: [manual('search all mailboxes')],
        on_success: id('action', 3),
        on_failure: id('end', 9),
      },
      [id('action', 3)]: {
        type: 'action',
        name: 'Remove it',
        commands: [manual('purge it')],
        on_completion: id('end', 9),
      },
    });
    const flow = flowOf(importFlow(text, 'partner.json', actions));
    expect([flow.id, flow.description]).toEqual(['imported-phishing-remove-the-message', 'From a partner.']);
    expect(
      flow.steps.map(({ name, action, on_failure, with: given }) => [
        name,
        action,
        on_failure,
        given?.['task'],
      ]),
    ).toEqual([
      ['Find it', 'person.do', 'stop', 'search all mailboxes'],
      ['Remove it', 'person.do', 'continue', 'purge it'],
    ]);
  });

  it('is refused with the name of everything that cannot be run, all at once', () => {
    const text = playbook({
      [id('action', 2)]: {
        type: 'action',
        name: 'Block',
        commands: [{ type: 'http-api', command: 'POST /' }],
        on_success: id('while-condition', 3),
        on_failure: id('action', 5),
      },
      [id('while-condition', 3)]: {
        type: 'while-condition',
        name: 'Until',
        condition: 'x',
        on_true: id('end', 9),
        on_completion: id('action', 2),
      },
      [id('action', 5)]: {
        type: 'action',
        name: 'Repair',
        commands: [manual('x')],
        on_completion: id('end', 9),
      },
      [id('action', 6)]: {
        type: 'action',
        name: 'Forgotten',
        commands: [manual('x')],
        on_completion: id('end', 9),
      },
    });
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(/"Block".*what follows its failure/),
      expect.stringMatching(/"Block".*command of type "http-api"/),
      expect.stringMatching(/"Until".*type "while-condition"/),
      expect.stringMatching(/"Block".*reached twice/),
      expect.stringMatching(/"Forgotten".*never reached/),
    ]);
  });

  it.each([
    ['text', 'not json', /^is no JSON$/],
    ['another kind of JSON', '[]', /is no CACAO 2\.0 playbook/],
    ['a step that does not exist', playbook({}), /refers to a step that does not exist/],
  ])('is refused when it is %s', (_, text, message) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(message)]);
  });

  it('is refused when it asks for nothing', () => {
    const nothing = { [id('start', 1)]: { type: 'start', on_completion: id('end', 9) } };
    expect(problemsOf(playbook(nothing))).toEqual(['asks for nothing']);
  });

  it('cannot bring an action that does not exist under our own extension', () => {
    const exported = toCacao(flows.find(({ id: one }) => one === 'contain-account')!, actions, AT);
    const text = JSON.stringify(exported).replaceAll('directory.disable-account', 'directory.delete-account');
    expect(problemsOf(text)).toEqual([expect.stringMatching(/unknown action "directory\.delete-account"/)]);
  });
});
