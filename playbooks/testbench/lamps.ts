/** A target in memory, for the tests of the engine: lamps that are on or off, and what happened to them. */
import { errors } from '../../core/errors.ts';
import { type ChangeCalls, changing } from '../../targets/calls.ts';
import { type Action, action, question } from '../action.ts';

export interface Lamp {
  id: string;
  on: boolean;
  /** People in the light of it: an observation with a bound. */
  people: number;
}

export interface Lamps {
  readonly lamps: Map<string, Lamp>;
  /** Every call that changed something, in order. */
  readonly calls: string[];
  /** What goes wrong: before the call arrives, after it did its work, at every call, or only when asked for proof. */
  fault?: 'before' | 'after' | 'unreachable' | 'blind';
  readonly action: Action;
  /** A person switches it off. */
  readonly asking: Action;
  /** Called while a change is on its way to the lamp. */
  onTheWay?: (lamp: string) => Promise<void>;
}

/** `cut` is called where a real client would call it: around the change. */
export function makeLamps(names: readonly string[]): Lamps {
  const lamps = new Map(names.map((name, index) => [name, { id: `lamp-${index}`, on: true, people: 1 }]));
  const find = (name: string): Lamp => {
    if (target.fault === 'unreachable') throw errors.remote('lamps', 'reading', new Error('no route'));
    const lamp = lamps.get(name);
    if (lamp === undefined) throw errors.notFound('lamp', name);
    return lamp;
  };
  const change = (calls: ChangeCalls, name: string, on: boolean) =>
    changing(calls, `lamp ${on ? 'on' : 'off'}`, async () => {
      if (target.fault === 'before')
        throw errors.remote('lamps', 'switching', new Error('connection refused'));
      await target.onTheWay?.(name);
      target.calls.push(`${name} ${on ? 'on' : 'off'}`);
      find(name).on = on;
      if (target.fault === 'after') throw errors.remote('lamps', 'switching', new Error('connection reset'));
    });
  const target: Lamps = {
    lamps,
    calls: [],
    asking: question<{ lamp: string }>({
      id: 'lamp.ask',
      title: 'Ask a person to switch a lamp off',
      risk: 'read',
      input: {
        type: 'object',
        required: ['lamp'],
        additionalProperties: false,
        properties: { lamp: { type: 'string', maxLength: 100, description: 'Its name.' } },
      },
      async plan({ lamp }) {
        return {
          plan: {
            targets: [{ system: 'lamps', identity: find(lamp).id, name: lamp }],
            changes: [`a person switches ${lamp} off`],
            stays: [],
            undo: 'by hand',
            proof: 'a photograph',
            bounds: {},
            observed: {},
          },
          subjects: [],
          before: null,
        };
      },
      undo: 'switch it on by hand',
    }),
    action: action<{ lamp: string }, { on: boolean }, { done: boolean }>({
      id: 'lamp.off',
      title: 'Switch a lamp off',
      risk: 'destructive',
      input: {
        type: 'object',
        required: ['lamp'],
        additionalProperties: false,
        properties: { lamp: { type: 'string', maxLength: 100, description: 'Its name.' } },
      },
      async plan({ lamp: name }) {
        const lamp = find(name);
        return {
          plan: {
            targets: [{ system: 'lamps', identity: lamp.id, name }],
            changes: [`~ ${name} goes off`],
            stays: [],
            undo: 'switches it on',
            proof: 'looks again',
            bounds: { people: 3 },
            observed: { people: lamp.people },
          },
          subjects: [{ system: 'lamps', kind: 'directory-account', names: [name] }],
          before: { on: lamp.on },
        };
      },
      async act({ input: { lamp } }, ctx) {
        await change(ctx.calls, lamp, false);
        return { done: true };
      },
      async verify({ input: { lamp } }) {
        if (target.fault === 'blind') throw errors.remote('lamps', 'looking', new Error('no route'));
        return find(lamp).on
          ? { outcome: 'not-proven', detail: 'it is on' }
          : { outcome: 'proven', detail: 'it is off' };
      },
      async undo({ input: { lamp }, before }, ctx) {
        if (find(lamp).on !== before.on) await change(ctx.calls, lamp, before.on);
        return find(lamp).on === before.on
          ? { outcome: 'proven', detail: 'as before' }
          : { outcome: 'not-proven', detail: 'it is off' };
      },
    }),
  };
  return target;
}
