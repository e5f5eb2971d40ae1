/** The ways to reach somebody. */
export const channels = ['email', 'sms', 'push', 'slack'] as const;
export type Channel = (typeof channels)[number];

/** Somebody's time of rest, from `from` to `to` (`HH:MM`, in their zone), over midnight where `to` is the earlier. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
  /** Of the IANA database, such as `Europe/Berlin`. */
  readonly timeZone: string;
}

/** Whom a notification may go to, and how. */
export interface Reachable {
  /** What they want; absent while they have said nothing. */
  readonly wishes?: Readonly<Record<Channel, boolean>> | undefined;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly pushTokens: readonly string[];
  readonly org: string;
}

/** Before somebody has said anything: what costs and disturbs nobody. */
const usualWishes: Readonly<Record<Channel, boolean>> = { email: true, sms: false, push: true, slack: false };

/** The addresses of a channel, in the form its provider takes; Slack's is the organisation, whose webhook is a secret. */
export function addressesOf(person: Reachable, channel: Channel): readonly string[] {
  if (channel === 'email') return person.email === undefined ? [] : [person.email];
  if (channel === 'sms') return person.phone === undefined ? [] : [person.phone];
  return channel === 'push' ? person.pushTokens : [person.org];
}

/** Those of the wanted channels that somebody agrees to and can be reached by. */
export function chooseChannels(person: Reachable, wanted: readonly Channel[] = channels): Channel[] {
  const wishes = person.wishes ?? usualWishes;
  return wanted.filter((channel) => wishes[channel] && addressesOf(person, channel).length > 0);
}

/** Only these wake somebody up. */
const loud: ReadonlySet<Channel> = new Set(['sms', 'push']);

/**
 * Gives when something may be sent, in epoch milliseconds: `now`, or the end of the quiet hours it falls into. Exact to
 * the minute; a change of the clocks in that night moves it by an hour.
 */
export function sendAt(channel: Channel, quiet: QuietHours | undefined, now: number): number {
  if (!quiet || !loud.has(channel)) return now;
  const [from, to, at] = [minutesOf(quiet.from), minutesOf(quiet.to), localMinutes(now, quiet.timeZone)];
  const isQuiet = from <= to ? at >= from && at < to : at >= from || at < to;
  return isQuiet ? now + ((to - at + minutesPerDay) % minutesPerDay) * 60_000 : now;
}

const minutesPerDay = 24 * 60;

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function localMinutes(now: number, timeZone: string): number {
  const options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone } as const;
  return minutesOf(new Intl.DateTimeFormat('en-GB', options).format(now));
}

/** Says whether this machine knows a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    localMinutes(0, name);
    return true;
  } catch {
    return false;
  }
}
