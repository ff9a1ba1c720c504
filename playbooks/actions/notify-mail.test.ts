import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MailSettings } from '../../targets/settings.ts';
import { type MailSink, mailSink } from '../../tests/proofs/mail-sink.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { notifyMail } from './notify-mail.ts';

let sink: MailSink;
let mail: MailSettings;
beforeAll(async () => {
  sink = await mailSink();
  mail = sink.settings;
});
beforeEach(() => void sink.mails.splice(0));
afterAll(() => sink?.close());
const input = { to: ['on-call@example.test'], subject: 'Conta à espera', text: 'Ver o incidente.\n.\nFim.' };

describe('notify.mail to a real mail server', () => {
  it('delivers one message, encrypted, whole, with an id that is journalled', async () => {
    const notify = verbs(notifyMail, { targets: { mail } });
    const { before } = await notify.plan(input);
    expect(await notify.verify()).toMatchObject({ outcome: 'unknown' });
    await notify.act();
    expect(await notify.verify()).toMatchObject({ outcome: 'proven' });
    expect(sink.mails).toHaveLength(1);
    expect(sink.mails[0]).toMatchObject({ to: ['on-call@example.test'], secure: true });
    expect(sink.mails[0]?.text).toContain(`<${(before as { id: string }).id}@example.test>`);
    expect(sink.mails[0]?.text).toMatch(/^\.\r$/m);
    expect(sink.mails[0]?.text).not.toContain(sink.password);
  });

  it('is unknown, and not sent again, when the answer was lost', async () => {
    const notify = verbs(notifyMail, { targets: { mail } });
    await notify.plan(input);
    notify.loseNextAnswer();
    await expect(notify.act()).rejects.toThrow(/answer was lost/);
    expect(await notify.verify()).toMatchObject({ outcome: 'unknown' });
    expect(sink.mails).toHaveLength(1);
  });

  it.each([
    ['another domain', { to: ['x@elsewhere.test'] }, 4],
    ['a domain that only ends like it', { to: ['x@not-example.test'] }, 4],
    ['two addresses in one', { to: ['a@example.test,b@elsewhere.test'] }, 2],
    ['a line break in the subject', { subject: 'x\r\nBcc: y@elsewhere.test' }, 2],
  ])('refuses %s before anything is sent', async (_, change, exitCode) => {
    const planned = verbs(notifyMail, { targets: { mail } }).plan({ ...input, ...change });
    await expect(planned).rejects.toMatchObject({ exitCode });
  });

  it.each([
    ['the server does not know the recipient', { to: ['gone@example.test'] }, {}, /no such user/],
    [
      'the certificate is of nobody we know',
      {},
      { caFile: undefined, host: '127.0.0.2' },
      /sending mail failed/,
    ],
    [
      'the password is wrong',
      {},
      { passwordFile: undefined, passwordEnv: 'VIGIA_TEST_WRONG_MAIL' },
      /535 <masked> is wrong/,
    ],
  ])('says so when %s', async (_, change, settings, message) => {
    process.env['VIGIA_TEST_WRONG_MAIL'] = 'planted-wrong';
    const target = Object.fromEntries(
      Object.entries({ ...mail, ...settings }).filter(([, value]) => value !== undefined),
    ) as unknown as MailSettings;
    const notify = verbs(notifyMail, { targets: { mail: target } });
    await notify.plan({ ...input, ...change });
    const failure: unknown = await notify.act().catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ exitCode: 3, message: expect.stringMatching(message) });
    expect(String((failure as Error).stack)).not.toMatch(/planted-wrong|Va1-mail/);
    expect(sink.mails).toEqual([]);
    delete process.env['VIGIA_TEST_WRONG_MAIL'];
  });
});
