/** `unless_granted`, a further condition: no grant of privileged access covers who did it, where and when. */
import { type ExtensionSection, sectionSchema } from './writing.ts';

export interface GrantCondition {
  /** The fields that say who, and on which system. */
  who: string;
  system: string;
  /** Only grants of this role count; any when left out. */
  role?: string;
  /** Only on systems on which grants are given at all; everywhere when left out. */
  managed?: true;
}

export const unlessGranted: ExtensionSection<GrantCondition, GrantCondition> = {
  key: 'unless_granted',
  schema: sectionSchema('Match only what no grant of privileged access covers', ['who', 'system'], {
    who: { type: 'string', minLength: 1, description: 'The field that says who did it.' },
    system: { type: 'string', minLength: 1, description: 'The field that says where.' },
    role: { type: 'string', minLength: 1, description: 'Only grants of this role count.' },
    managed: {
      type: 'boolean',
      const: true,
      description: 'Only on systems on which grants were ever given; everywhere when left out.',
    },
  }),
  read: (written) => written,
};
