/** `unless_given`, a further condition: it is not Vigia itself that gives a role under a grant of privileged access. */
import { type ExtensionSection, sectionSchema } from './writing.ts';

/** The fields that say who gives whom which role where. */
export interface GivingCondition {
  by: string;
  /** Everybody whom any of them names must get it under a grant. */
  to: string[];
  role: string;
  system: string;
}

type Written = Omit<GivingCondition, 'to'> & { to: string | string[] };

export const unlessGiven: ExtensionSection<Written, GivingCondition> = {
  key: 'unless_given',
  schema: sectionSchema(
    'Match only what Vigia does not give itself under a grant of privileged access',
    ['by', 'to', 'role', 'system'],
    {
      by: { type: 'string', minLength: 1, description: 'The field that says who gives it.' },
      to: {
        type: ['string', 'array'],
        minLength: 1,
        minItems: 1,
        items: { type: 'string', minLength: 1 },
        description: 'The field that says who gets it, or several.',
      },
      role: { type: 'string', minLength: 1, description: 'The field that names what is given.' },
      system: { type: 'string', minLength: 1, description: 'The field that says where.' },
    },
  ),
  read: (written) => ({ ...written, to: [written.to].flat() }),
};
