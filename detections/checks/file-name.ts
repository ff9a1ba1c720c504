/** File name and title can be guessed from one another. */
import { basename } from 'node:path';
import { type Check, problemAt } from './check.ts';

const words = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];

export const fileName: Check = {
  id: 'file-name',
  summary: 'The file is called in snake_case, 10 to 90 characters, with words of the title.',
  severity: 'error',
  check({ rule, isMain }) {
    if (!isMain) return [];
    const name = basename(rule.path).replace(/\.ya?ml$/, '');
    if (!/^[a-z0-9]+(_[a-z0-9]+)*$/.test(name) || name.length < 10 || name.length > 90) {
      return [
        problemAt(
          rule,
          [],
          `the file name ${JSON.stringify(name)} is not snake_case of 10 to 90 characters`,
          'name it after the title',
        ),
      ];
    }
    const title = new Set(words(rule.title));
    const strange = words(name).filter(
      (word) => ![...title].some((known) => known.startsWith(word.slice(0, 5)) || word.startsWith(known)),
    );
    return strange.length * 2 > words(name).length
      ? [
          problemAt(
            rule,
            ['title'],
            `file name and title disagree: ${strange.join(', ')} are not in the title`,
            'rename one of them',
          ),
        ]
      : [];
  },
};
