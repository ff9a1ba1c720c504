/** The on-call story on a real terminal: the worst incident, acknowledged; a playbook planned, not approved by oneself, approved by another, proven. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Containment, containment } from '../proofs/containment.ts';
import { need, needInstalled } from '../testbed/need.ts';
import { RECORDED, type Service, service, VIGIA } from './service.ts';
import { type TmuxTerminal, tmuxTerminal } from './tmux.ts';

const tmux = await needInstalled('tmux');
const samba = await need('samba');
const postgres = await need('postgres');

const TAG = 'tui';
const VICTIM = 'tui-victim';

const open: TmuxTerminal[] = [];
const consoleOf = (run: Service, token: string, more: Readonly<Record<string, string>> = {}) => {
  const one = tmuxTerminal(`${VIGIA} tui`, {
    VIGIA_CONFIG: run.settingsFile,
    VIGIA_TOKEN: token,
    HOME: run.folder,
    XDG_STATE_HOME: join(run.folder, 'user'),
    ...more,
  });
  open.push(one);
  return one;
};
/** Dialogs that decide something hear nothing in their first 300 ms of real time. */
const pastReflex = () => pause(400);

afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

tmux.describe('the console on a real terminal', () => {
  samba.describe('with a directory', () =>
    postgres.describe('and a database to act on', () => {
      let systems: Containment;
      let run: Service;
      beforeAll(async () => {
        systems = await containment(samba.component, postgres.component, TAG);
        await systems.person(VICTIM, ['Domain Admins']);
        run = await service(systems.targets, RECORDED);
      });
      afterAll(async () => {
        await run?.stop();
        await systems?.close();
      });

      it('goes from the worst incident to a proven containment, approved by a second person', {
        timeout: 180_000,
      }, async () => {
        const roles = ['analyst', 'responder', 'approver'];
        const ana = consoleOf(run, await run.token('ana', ...roles));
        const rui = consoleOf(run, await run.token('rui', ...roles));

        const queue = await ana.until(/▌ {2}◆ CRIT INC-\d+/);
        expect(queue[0]).toContain('ana ●');
        ana.keys('Enter');
        await ana.until(/Why it fired/);
        ana.keys('a');
        await ana.until(/acknowledged · ana|✓ INC-\S+ acknowledged/);
        await ana.until(/◆ CRIT .* acknowledged · ana/);

        ana.keys('p');
        await ana.until(/Playbook for INC-/);
        ana.keys('Enter');
        await ana.until(/▌ account \*/);
        ana.keys('C-u');
        ana.typed(VICTIM);
        ana.keys('Tab');
        ana.typed(VICTIM);
        ana.keys('Tab', 'Tab', 'Tab', 'C-u', 'Enter');
        await ana.until(/Nothing has been changed/);
        await ana.until(/directory\.disable-account/);
        await pastReflex();
        ana.typed('y');
        await ana.until(/◌ waiting 0 of 1/);

        // Nobody approves what they asked for.
        ana.keys('d');
        const own = await ana.until(/ana asked for this run and cannot approve it/);
        expect(own.join('\n')).not.toMatch(/Type \S+ to approve/);
        ana.keys('Enter', 'Enter');
        ana.keys('Escape');
        await ana.until(/◌ waiting 0 of 1/);

        rui.keys('4');
        await rui.until(/▌ RUN-\d+ ◌ waiting 0 of 1/);
        rui.keys('Enter');
        await rui.until(/Asked by {3}ana/);
        rui.keys('d');
        const dialog = await rui.until(/Type \S+ to approve:/);
        const word = /Type (\S+) to approve:/.exec(dialog.join('\n'))![1]!;
        await pastReflex();
        // Enter alone decides nothing, however often.
        rui.keys('Enter', 'Enter', 'Enter');
        rui.typed(word);
        await rui.until(new RegExp(`to approve: ${word}`));
        rui.keys('Enter');
        await rui.until(/Approved +rui/);

        // Both see the proof; what could not be proven says so.
        await rui.until(/Disable the account {2}● proven/);
        await ana.until(/Disable the account {2}● proven/);
        await ana.until(/Take it out of privileged groups {2}● proven/);
        const entry = await systems.ldap.search(systems.baseDn, {
          scope: 'sub',
          filter: `(sAMAccountName=${VICTIM})`,
          attributes: ['userAccountControl'],
        });
        expect(Number(entry.searchEntries[0]?.['userAccountControl']) & 2).toBe(2);
      });
    }),
  );

  let run: Service;
  let token: string;
  beforeAll(async () => {
    run = await service({}, RECORDED.slice(1));
    token = await run.token('ana', 'analyst');
  });
  afterAll(() => run?.stop());

  it('gives the terminal back when a person leaves', async () => {
    const ana = consoleOf(run, token);
    await ana.until(/▌/);
    expect(ana.state()).toEqual({ alternate: true, cursor: false });
    ana.keys('q');
    await ana.until(/Leave the console/);
    // The question hears nothing in its first moments.
    await ana.until(/y yes/);
    await pastReflex();
    ana.keys('y');
    await ana.until(/ended with 0/);
    expect(ana.state()).toEqual({ alternate: false, cursor: true });
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('gives the terminal back on %s', async (signal, code) => {
    const ana = consoleOf(run, token);
    await ana.until(/▌/);
    process.kill(ana.pid(), signal);
    await ana.until(new RegExp(`ended with ${code}`));
  });

  it('gives the terminal back when it stops on a bug, and says where the report is', async () => {
    const preload = join(run.folder, 'crash.mjs');
    writeFileSync(
      preload,
      "process.on('SIGUSR2', () => { setImmediate(() => { throw new Error('made by the test'); }); });\n",
    );
    const ana = consoleOf(run, token, { NODE_OPTIONS: `--import=${preload}` });
    await ana.until(/▌/);
    process.kill(ana.pid(), 'SIGUSR2');
    const lines = await ana.until(/ended with 70/);
    expect(ana.state()).toEqual({ alternate: false, cursor: true });
    const file = /the report is in\s+(\S+?crash-\d+\.txt)/.exec(lines.join(''))?.[1];
    expect(readFileSync(file!, 'utf8')).toContain('made by the test');
  });

  it('writes no colour with NO_COLOR, and still shows selection and severity', async () => {
    const ana = consoleOf(run, token, { NO_COLOR: '1' });
    await ana.until(/▌ {2}\S HIGH|▌ {2}\S CRIT/);
    expect(ana.styled()).not.toContain('\u001b[');
    const coloured = consoleOf(run, token);
    await coloured.until(/▌/);
    expect(coloured.styled()).toContain('\u001b[');
  });

  it('fits again after every change of size', async () => {
    const ana = consoleOf(run, token);
    await ana.until(/▌/);
    ana.resize(120, 40);
    await ana.until(/ {40}.*UTC *\n/);
    ana.resize(70, 20);
    await ana.until(/80x24 needed, now 70x20/);
    ana.resize(80, 24);
    const lines = await ana.until(/STATE/);
    expect(lines.filter((line) => line.includes('[1Queue]'))).toHaveLength(1);
    expect(lines[21]).toMatch(/^ \d+ incidents?/);
  });

  it('shows escape sequences of a log line instead of obeying them', { timeout: 60_000 }, async () => {
    const folder = join(run.folder, 'hostile');
    mkdirSync(folder);
    const file = join(folder, 'auth.log');
    const line = (at: number) =>
      `<38>1 2026-11-21T20:00:${String(at).padStart(2, '0')}.000Z web9 sshd 4711 - - Failed password for invalid user \u001b[2J\u001b[31mroot${at}\u001b]0;owned\u0007 from 203.0.113.9 port 4711 ssh2\n`;
    writeFileSync(file, Array.from({ length: 30 }, (_, at) => line(at)).join(''));
    const other = await service({}, [{ collector: 'linux-syslog', file }]);
    try {
      const ana = consoleOf(other, await other.token('ana', 'analyst'));
      await ana.until(/▌ {2}.* INC-\d+/);
      ana.keys('Enter', ']');
      await ana.until(/\[Timeline/);
      ana.keys('G');
      const lines = await ana.until(/␛\[2J/);
      expect(lines).toHaveLength(25);
      expect(lines[0]).toContain('[2Inc]');
    } finally {
      await other.stop();
    }
  });
});
