/** `vigia dashboards build`: Grafana JSON, provisioning and Prometheus alert rules as files. */
import { command } from '../command.ts';

export const dashboardsBuild = command({
  name: 'dashboards build',
  summary: 'write Grafana dashboards, provisioning and Prometheus alert rules',
  options: [{ flags: '--out <folder>', summary: 'where to write', default: 'grafana' }],
  async run(_args, options) {
    const { build } = await import('../../dashboards/index.ts');
    const files = await build(String(options['out']));
    return { data: { files }, text: files.join('\n') };
  },
});
