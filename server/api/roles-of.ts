/** The roles that a person may act in. */
import type { Role } from '../../core/documents.ts';
import { ROLES } from '../tokens.ts';

/** An administrator holds every role; being a second person is checked by name, not by role. */
export const rolesOf = (roles: readonly Role[]): readonly Role[] => (roles.includes('admin') ? ROLES : roles);
