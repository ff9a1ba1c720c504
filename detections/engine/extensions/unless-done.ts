/** `unless_done`, a further condition: it is not what Vigia itself did, as it wrote down before it sent it. */
import type { ShownChange } from '../../../core/documents.ts';
import { type ExtensionSection, sectionSchema } from './writing.ts';

/** The fields that say who changed what where. */
export interface DoneCondition {
  by: string;
  system: string;
  /** All that they say must be what Vigia did; what they do not say, it must not have done. */
  change: Partial<Record<keyof ShownChange, string[]>>;
}

type Written = Omit<DoneCondition, 'change'> & Partial<Record<keyof ShownChange, string | string[]>>;

const fields = (description: string) => ({
  type: ['string', 'array'],
  minLength: 1,
  minItems: 1,
  items: { type: 'string', minLength: 1 },
  description,
});
const parts = {
  did: fields('The field that says what was done, or several.'),
  to: fields('The fields that say what was changed, who got it or lost it.'),
  role: fields('The fields that name the group or role.'),
  statement: fields('The field with the statement.'),
} satisfies Record<keyof ShownChange, object>;

export const unlessDone: ExtensionSection<Written, DoneCondition> = {
  key: 'unless_done',
  schema: {
    ...sectionSchema('Match only what Vigia did not do itself', ['by', 'system'], {
      by: { type: 'string', minLength: 1, description: 'The field that says who did it.' },
      system: { type: 'string', minLength: 1, description: 'The field that says where.' },
      ...parts,
    }),
    anyOf: [{ required: ['did', 'to'] }, { required: ['statement'] }],
  },
  read: ({ by, system, ...change }) => ({
    by,
    system,
    change: Object.fromEntries(Object.entries(change).map(([part, names]) => [part, [names].flat()])),
  }),
};
