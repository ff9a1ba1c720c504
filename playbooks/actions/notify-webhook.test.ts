import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RecordedServer, recordedServer } from '../../tests/proofs/recorded-server.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { notifyWebhook } from './notify-webhook.ts';

const input = { title: 'Conta contida', text: 'à mão', incident: 'INC-2026-000001' };

describe('notify.webhook', () => {
  let receiver: RecordedServer;
  beforeAll(async () => {
    process.env['VIGIA_TEST_HOOK'] = 'Va1-hook-secret';
    receiver = await recordedServer({ 'POST /hook': () => 204, 'POST /broken': () => [500, { why: 'no' }] });
  });
  afterAll(async () => {
    delete process.env['VIGIA_TEST_HOOK'];
    await receiver.close();
  });
  const bed = (path = '/hook') => ({
    targets: {
      webhook: { kind: 'webhook' as const, url: `${receiver.url}${path}`, passwordEnv: 'VIGIA_TEST_HOOK' },
    },
  });

  it('signs time and body, so that the receiver can tell a forged, a changed and an old one', async () => {
    const notify = verbs(notifyWebhook, bed());
    await notify.plan(input);
    expect(await notify.verify()).toMatchObject({ outcome: 'unknown' });
    await notify.act();
    expect(await notify.verify()).toMatchObject({ outcome: 'proven' });
    const { body, headers, json } = receiver.calls[0]!;
    const [, seconds, signature] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-vigia-signature'])) ?? [];
    expect(createHmac('sha256', 'Va1-hook-secret').update(`${seconds}.${body}`).digest('hex')).toBe(
      signature,
    );
    expect(Math.abs(Date.now() / 1_000 - Number(seconds))).toBeLessThan(60);
    expect(json).toMatchObject({ ...input, id: headers['x-vigia-id'] });
    expect(receiver.refused).toEqual([]);
  });

  it('is not taken for sent when the receiver does not take it', async () => {
    const notify = verbs(notifyWebhook, bed('/broken'));
    await notify.plan(input);
    await expect(notify.act()).rejects.toThrow(/it answered 500: "{\\"why\\":\\"no\\"}"/);
    expect(await notify.verify()).toMatchObject({ outcome: 'unknown' });
  });
});
