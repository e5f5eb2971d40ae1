import type { Channel } from './channels.ts';
import type { TemplateData } from './render.ts';
import type { TemplateName } from './templates.ts';

/** How something is told beyond its words, whoever asks for it: an event's rule, another service's job, a person. */
interface Manner {
  /** At most these, unless one is asked for by name; all that somebody agrees to if absent. */
  readonly channels?: readonly Channel[];
  /** Not put off by quiet hours: its reader is to act on it. */
  readonly isUrgent?: boolean;
  /** The field that tells what it is about, where several may ask for the same: it is told once. */
  readonly oncePer?: string;
  /** The field with the time after which it is worth nothing. */
  readonly goodUntil?: string;
}

const toDriver: Manner = { channels: ['push'], isUrgent: true };

const manners: Readonly<Partial<Record<TemplateName, Manner>>> = {
  welcome: { channels: ['email'] },
  order_out_for_delivery: { oncePer: 'orderId' },
  order_delivered: { oncePer: 'orderId' },
  driver_offer: { ...toDriver, oncePer: 'offerId', goodUntil: 'expiresAt' },
  driver_assigned: toDriver,
  driver_released: toDriver,
  alert_order_cancelled: { channels: ['slack'] },
};

/** How long something is worth telling when nothing else says so, in milliseconds: a day-old notice helps no one. */
const worthMs = 24 * 60 * 60 * 1000;

/** A manner, applied to one notification. */
export interface Telling {
  readonly channels: readonly Channel[] | undefined;
  readonly isUrgent: boolean;
  readonly about: string | undefined;
  /** Epoch milliseconds, from now to a day later. */
  readonly expiresAt: number;
}

/** Decides how one notification is told. `now` is in epoch milliseconds; a time that is none counts as not given. */
export function tellingOf(template: TemplateName, data: TemplateData, now: number): Telling {
  const { channels, isUrgent = false, oncePer = '', goodUntil = '' } = manners[template] ?? {};
  const about = data[oncePer];
  const until = Date.parse(String(data[goodUntil]));
  return {
    channels,
    isUrgent,
    about: about === undefined ? undefined : String(about),
    // What ended long ago has ended: JavaScript's earliest times are none of PostgreSQL's.
    expiresAt: Number.isNaN(until) ? now + worthMs : Math.min(Math.max(now, until), now + worthMs),
  };
}
