import { expect, it } from 'vitest';
import { need } from '../testbed/need.ts';
import { crashCases } from './contain-account-crash.ts';

const samba = await need('samba');
const postgres = await need('postgres');

samba.describe('containing an account while the process is killed', () =>
  postgres.describe('on real targets', () => {
    // The short form: every eleventh point. `npm run proof -- contain-account-crash` kills at each.
    it('changes each thing at most once, loses no receipt, and contains', { timeout: 240_000 }, async () => {
      const { cases, points } = await crashCases(samba.component, postgres.component, 11);
      expect(points).toBeGreaterThan(50);
      expect(cases.length).toBeGreaterThan(5);
      // The undisturbed run shows that the counting sees every change.
      expect(Object.values(cases[0]!.changes)).toEqual(Object.values(cases[0]!.changes).map(() => 1));
      for (const each of cases)
        expect(each, `${each.cutAt} ${each.point}`).toMatchObject({ lost: 0, doubled: 0, left: [] });
    });
  }),
);
