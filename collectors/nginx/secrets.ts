/**
 * Hides passwords and tokens in addresses, referrers and agents of a web log line, before the line is taken apart.
 * Not hidden: secrets in parameters whose name does not tell, or whose name is percent-encoded.
 */
import { maskSecrets } from '../../core/secrets.ts';

/** Each value on its own: an open quote inside one must not hide what follows it in the line. */
export function maskLine(line: string): string {
  if (/^\s*\{/.test(line)) {
    const parsed = parse(line);
    if (parsed !== undefined) {
      const masked = JSON.stringify(parsed, (_key, value: unknown) =>
        typeof value === 'string' ? maskSecrets(value) : value,
      );
      return masked === JSON.stringify(parsed) ? line : masked;
    }
  }
  return line.split('"').map(maskSecrets).join('"');
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
