/** The parts that Samba's records of directory changes have in common. */
import type { Draft } from '../../core/event.ts';
import { connection } from './authentication.ts';
import { userOfSid } from './names.ts';
import { type Json, number, present, text } from './record.ts';

type IamType = 'user' | 'group' | 'change' | 'creation' | 'deletion' | 'info';

/** What all change records share: the outcome by status code, and where the client was. */
export function changeRecord(
  body: Json,
  service: string,
  type: IamType[],
  action: string,
): Pick<Draft, 'event' | 'source' | 'destination'> {
  const code = number(body['statusCode']);
  const status = text(body['status']);
  const duration = number(body['duration']);
  return {
    event: {
      kind: 'event',
      category: ['iam'],
      type,
      action,
      outcome: code === undefined ? 'unknown' : code === 0 ? 'success' : 'failure',
      dataset: `samba.${service}`,
      ...present({
        code: text(body['eventId']),
        reason: code === 0 ? undefined : status,
        duration: duration === undefined ? undefined : duration * 1_000,
      }),
    },
    ...connection(body),
  };
}

/** What ties a record to others of the same transaction and session. */
export const identifiers = (body: Json, type: string) => ({
  type,
  status: text(body['status']),
  status_code: number(body['statusCode']),
  transaction_id: text(body['transactionId']),
  session_id: text(body['sessionId']),
});

/** Who did it (a security identifier only: the records have no names), as far as it can be named. */
export const userNames = (body: Json): (string | undefined)[] => {
  const user = userOfSid(text(body['userSid']));
  return [user.name, user.id];
};
