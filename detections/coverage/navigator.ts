/** ATT&CK coverage as a layer of the Navigator (format 4.5): the score is the number of rules that can fire. */
import { type Attack, type TechniqueCoverage, whyNot } from './attack.ts';

/** Told apart in every common kind of colour blindness, and by lightness alone. */
const COLOURS = { most: '#08519c', least: '#c6dbef', waiting: '#fdae6b' };

export function navigatorLayer(
  coverage: readonly TechniqueCoverage[],
  attack: Pick<Attack, 'version'>,
  day: string,
): object {
  const named = coverage.filter(({ status }) => status !== 'not-covered');
  return {
    name: `Vigia ${day}`,
    versions: { attack: String(attack.version), navigator: '5.1.0', layer: '4.5' },
    domain: 'enterprise-attack',
    description: 'Score: rules of Vigia that can fire and alert. Orange: rules exist, but none can today.',
    sorting: 3,
    hideDisabled: false,
    gradient: {
      colors: [COLOURS.least, COLOURS.most],
      minValue: 1,
      maxValue: Math.max(2, ...named.map(({ firing }) => firing.length)),
    },
    legendItems: [
      { label: 'rules can fire', color: COLOURS.most },
      { label: 'rules exist, none can fire', color: COLOURS.waiting },
    ],
    showTacticRowBackground: false,
    selectTechniquesAcrossTactics: true,
    techniques: named.map(({ id, status, firing, waiting }) => ({
      techniqueID: id,
      score: firing.length,
      ...(status === 'cannot-fire' ? { color: COLOURS.waiting } : {}),
      comment: [
        ...firing.map(({ title }) => title),
        ...waiting.map((rule) => `(${whyNot(rule)}) ${rule.title}`),
      ].join('\n'),
      enabled: true,
      showSubtechniques: id.includes('.') || named.some((other) => other.id.startsWith(`${id}.`)),
    })),
  };
}
