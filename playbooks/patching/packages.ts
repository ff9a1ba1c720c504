/** One package that an update would change, whatever the package manager. */

export interface Update {
  readonly name: string;
  /** Undefined: it would be newly installed. */
  readonly from?: string;
  readonly to: string;
  /** Repository, as the host names it. */
  readonly origin: string;
}

/** `libssl3 3.0.20-1 → 3.0.22-1 (bookworm-security)` */
export const updateText = ({ name, from, to, origin }: Update): string =>
  `${name} ${from === undefined ? 'new:' : `${from} →`} ${to}${origin === '' ? '' : ` (${origin})`}`;
