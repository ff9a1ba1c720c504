/** `vigia rules coverage`: which rules can fire, what the others wait for, and what that means in ATT&CK. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuleCoverage } from '../../../detections/index.ts';
import { type Command, command } from '../../command.ts';
import { table } from '../../print.ts';
import { daysOf } from './days.ts';

interface Report {
  days: number;
  datasets: { dataset: string; events: number }[];
  rules: RuleCoverage[];
}

export const rulesCoverage: Command = command({
  name: 'rules coverage',
  summary: 'which rules can fire, what the others wait for; ATT&CK as Navigator layer and page',
  options: [
    { flags: '--last <span>', summary: 'how far back events count as seen', default: '30d' },
    { flags: '--navigator <file>', summary: 'write a layer of the ATT&CK Navigator' },
    { flags: '--out <folder>', summary: 'write attack-coverage.md there' },
  ],
  example: 'vigia rules coverage --navigator layer.json --out reports',
  async run(_args, options, context) {
    const days = daysOf(options['last']);
    const api = await context.api();
    const report = await api.get<Report>(`/api/v1/rules?days=${days}`);
    const { RULE_STATES, readAttack, techniqueCoverage, navigatorLayer, coveragePage } = await import(
      '../../../detections/index.ts'
    );
    const attack = readAttack();
    const techniques = techniqueCoverage(report.rules, attack);
    const day = new Date().toISOString().slice(0, 10);
    const written: string[] = [];
    if (options['navigator']) {
      const file = String(options['navigator']);
      await writeFile(file, `${JSON.stringify(navigatorLayer(techniques, attack, day), null, 2)}\n`);
      written.push(file);
    }
    if (options['out']) {
      await mkdir(String(options['out']), { recursive: true });
      const file = join(String(options['out']), 'attack-coverage.md');
      await writeFile(file, coveragePage(techniques, attack, { day, days }));
      written.push(file);
    }
    const states = Object.fromEntries(
      RULE_STATES.map((state) => [state, report.rules.filter((rule) => rule.state === state).length]),
    );
    const count = (status: string) => techniques.filter((one) => one.status === status).length;
    const attackCounts = {
      covered: count('covered'),
      cannotFire: count('cannot-fire'),
      notCovered: count('not-covered'),
    };
    const waiting = report.rules.filter(({ state }) => state !== 'can-fire');
    const text = [
      `${report.rules.length} rules, events of the last ${days} days: ${Object.entries(states)
        .map(([state, number]) => `${number} ${state}`)
        .join(', ')}.`,
      `ATT&CK ${attack.version}: ${attackCounts.covered} techniques covered, ${attackCounts.cannotFire} only by rules that cannot fire, ${attackCounts.notCovered} not.`,
      ...(waiting.length > 0
        ? [
            '',
            table(
              ['STATE', 'RULE', 'WHY'],
              waiting.map((rule) => [rule.state, rule.title, rule.reason]),
            ),
          ]
        : []),
      ...written.map((file) => `wrote ${file}`),
    ];
    return {
      data: { days, states, attack: attackCounts, datasets: report.datasets, rules: report.rules, written },
      text: text.join('\n'),
    };
  },
});
