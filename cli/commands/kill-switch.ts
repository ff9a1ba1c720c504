/** `vigia playbooks stop-all|release|status`: the kill switch. */
import { visible } from '../../core/visible.ts';
import { type Command, command } from '../command.ts';

interface Stopped {
  by: string;
  at: string;
  reason: string;
}

/** Both directions of the kill switch. */
const turn = (name: 'stop-all' | 'release', summary: string) =>
  command({
    name: `playbooks ${name}`,
    summary,
    options: [{ flags: '--reason <text>', summary: 'why; kept in the journal', required: true }],
    async run(_args, { reason }, context) {
      const { stopped } = await (await context.api()).post<{ stopped: Stopped | null }>(
        `/api/v1/playbooks/${name}`,
        { reason },
      );
      return { data: { stopped }, text: stoppedText(stopped) };
    },
  });

const status = command({
  name: 'playbooks status',
  summary: 'whether somebody stopped all playbooks',
  async run(_args, _options, context) {
    const switched = await (await context.api()).get<{ stopped: Stopped | null }>('/api/v1/playbooks/switch');
    return { data: switched, text: stoppedText(switched.stopped) };
  },
});

const stoppedText = (stopped: Stopped | null): string =>
  stopped === null
    ? 'Playbooks go on.'
    : `All playbooks are stopped by ${visible(stopped.by)} since ${stopped.at}: ${visible(stopped.reason)}\nNothing is sent to any target; an approver lets them go on with "vigia playbooks release".`;

export const killSwitchCommands: readonly Command[] = [
  status,
  turn('stop-all', 'the kill switch: nothing more is sent to any target'),
  turn('release', 'let the playbooks go on where they were stopped'),
];
