/** `absent`: matches are expected; the rule alerts when one does not come. */
import { type ExtensionSection, fieldsSchema, sectionSchema, spanMs, spanSchema } from './writing.ts';

export interface Absent {
  /** One event each so long, for each of these. */
  everyMs: number;
  per: string[];
  /** How late an event may be read. */
  graceMs: number;
  /** Days of the week on which one is expected (0 is Sunday), in `zone`; all when left out. */
  days?: number[];
  zone: string;
}

interface Written {
  every: string;
  per?: string[];
  grace?: string;
  days?: string[];
  zone?: string;
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const USUAL_GRACE = '15m';

export const absent: ExtensionSection<Written, Absent> = {
  key: 'absent',
  schema: sectionSchema('Alert when an expected match does not come', ['every'], {
    every: spanSchema('One is expected so often.', '24h'),
    per: fieldsSchema('Expected for each of these; left out: for the whole house.'),
    grace: spanSchema('How late it may be read; 15m when left out.', '1h'),
    days: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { enum: DAYS },
      description: 'Days of the week on which one is expected; every day when left out.',
    },
    zone: { type: 'string', minLength: 1, description: 'Zone of the days; UTC when left out.' },
  }),
  read({ every, per = [], grace = USUAL_GRACE, days, zone = 'UTC' }, wrong) {
    try {
      weekdayIn(zone);
    } catch {
      wrong(['zone'], `${JSON.stringify(zone)} is no time zone`, 'write it as Europe/Lisbon');
    }
    const numbers = days?.map((day) => DAYS.indexOf(day));
    return {
      everyMs: spanMs(every),
      per,
      graceMs: spanMs(grace),
      zone,
      ...(numbers ? { days: numbers } : {}),
    };
  },
};

/** The day of the week (0 is Sunday) of a moment on a calendar there. Throws when the zone is none. */
export function weekdayIn(zone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, weekday: 'short' });
  return (atMs) => DAYS.indexOf(format.format(atMs).toLowerCase());
}
