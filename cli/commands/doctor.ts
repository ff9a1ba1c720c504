/** `vigia doctor`: what an installation depends on, what is wrong with it, and how to mend it. */
import type { HealthReport } from '../../server/report.ts';
import { command } from '../command.ts';
import { table } from '../print.ts';

export const doctor = command({
  name: 'doctor',
  async run(_args, _options, context) {
    const [{ readSettings, settingsFile }, { doctor: examine }] = await Promise.all([
      import('../../server/settings.ts'),
      import('../../server/doctor.ts'),
    ]);
    const findings = await examine({
      settings: readSettings(context.settingsFile),
      file: settingsFile(context.settingsFile),
      health: async () => (await context.api()).get<HealthReport>('/api/v1/health'),
      now: Date.now,
    });
    const wrong = findings.filter(({ ok }) => !ok).length;
    const rows = findings.map(({ area, name, ok, detail, remedy }) => [
      ok ? 'ok' : 'WRONG',
      area,
      name,
      remedy ? `${detail} → ${remedy}` : detail,
    ]);
    return {
      data: { findings, wrong },
      text: `${table(['', 'AREA', 'WHAT', 'DETAIL'], rows)}\n\n${wrong === 0 ? 'All is well.' : `${wrong} things are wrong.`}`,
      exitCode: wrong === 0 ? 0 : 1,
    };
  },
});
