import type { Logger } from 'pino';
import { backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../lib/database.ts';
import { once } from '../lib/inbox.ts';
import { PoisonMessageError } from '../lib/message-work.ts';
import { Problem } from '../lib/problem.ts';
import type { QueueMessage } from '../lib/queue.ts';
import type { Channel } from './channels.ts';
import type { JobFaults } from './job-faults.ts';
import { type AskedJob, parseJob } from './jobs.ts';
import { type Ending, type Notification, type Notifications, targetOf } from './notifications.ts';
import type { Outcome, Provider } from './providers/provider.ts';
import { type Recipients, RecipientUnknownError } from './recipients.ts';
import { RenderError, type Rendered, render } from './render.ts';

const retryDelay = { baseMs: 5_000, maxMs: 15 * 60_000 };
const leastDelayMs = 1_000;

export type SendResult = 'sent' | 'failed' | 'later' | 'parked';

export interface SenderDeps {
  database: Database;
  notifications: Notifications;
  recipients: Recipients;
  faults: JobFaults;
  findProvider: (channel: Channel) => Promise<Provider | undefined>;
  clock: Clock;
  random: () => number;
  log: Logger;
  /** Told of every try. */
  onResult: (channel: Channel, result: SendResult) => void;
  /** Called when notifications were noted, and when one has ended. */
  told: () => void;
}

/**
 * What is done with one message of the queue. A job of another service becomes notifications, which are queued in their
 * turn; a notification is sent.
 *
 * What a provider cannot do now is put off in the database, and the message is done with: an outage of hours parks
 * nothing. What only people can mend (a job that is none, a template without its data, a channel without keys) throws,
 * so that the queue's redrive policy parks it; the reason is kept.
 */
export function createSender(
  deps: SenderDeps,
): (message: QueueMessage, signal: AbortSignal) => Promise<void> {
  const { faults, notifications, clock } = deps;

  return async (message, signal) => {
    try {
      const job = parseJob(message.body, clock.now());
      if ('notificationId' in job) await deliver(job.notificationId, signal);
      else await accept(job);
      await faults.forget(message.id, message.receiveCount);
    } catch (error) {
      if (!signal.aborted) await faults.note(message.id, reasonOf(error));
      throw error;
    }
  };

  async function accept({ id, userId, org, channel, template, data }: AskedJob): Promise<void> {
    const planned = { userId, template, data, channel };
    await once(deps.database, 'notification-jobs', { id }, (transaction) =>
      notifications.plan(transaction, [planned], { eventId: id, org }),
    );
    deps.told();
  }

  async function deliver(id: string, signal: AbortSignal): Promise<void> {
    const notification = await notifications.claim(id);
    if (!notification) return;
    try {
      await attempt(notification, signal);
    } catch (error) {
      // A shutdown or a database that is away is no fault of the notification: it stays due.
      const isOurs = signal.aborted || error instanceof Problem;
      if (isOurs) await notifications.release(id).catch(() => undefined);
      else await park(notification, reasonOf(error));
      throw error;
    }
  }

  async function park({ id, channel }: Notification, reason: string): Promise<void> {
    await notifications.park(id, reason);
    deps.onResult(channel, 'parked');
  }

  async function attempt(notification: Notification, signal: AbortSignal): Promise<void> {
    const { channel, userId, expiresAt } = notification;
    if (expiresAt.getTime() <= clock.now())
      return end(notification, failed('It came to be too late for it.'));
    const recipient = userId.startsWith('org:') ? undefined : await deps.recipients.find(userId);
    const { addresses, locale } = targetOf(notification, recipient);
    if (addresses.length === 0)
      return end(notification, failed(`There is no address for ${channel} any more.`));
    const text = renderOrPark(notification, locale);
    const found = await findProvider(channel);
    if (!found)
      return putOff(notification, { kind: 'later', reason: "The providers' keys are not at hand." });
    const { provider } = found;
    if (!provider) throw new PoisonMessageError(`The providers' secret has no keys for ${channel}.`);
    const outcome = await sendToAll(provider, { notification, addresses, text }, signal);
    if (outcome.kind === 'later') return putOff(notification, outcome);
    return end(notification, outcome.kind === 'sent' ? { status: 'sent' } : failed(outcome.reason));
  }

  /** `undefined` while the secret cannot be read, or is not usable; that is logged. */
  async function findProvider(channel: Channel): Promise<{ provider: Provider | undefined } | undefined> {
    try {
      return { provider: await deps.findProvider(channel) };
    } catch (error) {
      deps.log.error({ err: error }, "the providers' keys are not at hand");
      return undefined;
    }
  }

  /** One that took it is enough: to try the others again would tell that one twice. */
  async function sendToAll(
    provider: Provider,
    what: { notification: Notification; addresses: readonly string[]; text: Rendered },
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { notification, addresses, text } = what;
    const outcomes: Outcome[] = [];
    for (const to of addresses) {
      const outcome = await provider.send({ ...text, id: notification.id, to }, signal);
      if (outcome.kind === 'refused' && outcome.isGone) {
        await deps.recipients.dropPushToken(notification.userId, to);
      }
      outcomes.push(outcome);
    }
    return summarise(outcomes);
  }

  async function end(notification: Notification, ending: Ending): Promise<void> {
    await notifications.settle(notification, ending);
    deps.onResult(notification.channel, ending.status);
    deps.told();
  }

  async function putOff(
    { id, attempts, channel }: Notification,
    outcome: Outcome & { kind: 'later' },
  ): Promise<void> {
    const delayMs = backoffMs(attempts, retryDelay, deps.random);
    const at = clock.now() + Math.max(leastDelayMs, delayMs, outcome.afterMs ?? 0);
    await notifications.postpone(id, at, outcome.reason);
    deps.log.warn({ notification: id, channel, attempts, reason: outcome.reason }, 'notification put off');
    deps.onResult(channel, 'later');
  }
}

/** Sent if anybody took it; else tried again if anybody may still take it. */
export function summarise(outcomes: readonly Outcome[]): Outcome {
  const find = (kind: Outcome['kind']) => outcomes.find((outcome) => outcome.kind === kind);
  return (
    find('sent') ?? find('later') ?? find('refused') ?? { kind: 'refused', reason: 'There was no address.' }
  );
}

function failed(reason: string): Ending {
  return { status: 'failed', reason };
}

function renderOrPark({ template, data }: Notification, locale: string | undefined): Rendered {
  try {
    return render(template, locale, data);
  } catch (error) {
    if (error instanceof RenderError) throw new PoisonMessageError(error.message);
    throw error;
  }
}

/** Only our own sentences are kept: what another error says may hold a person's values. */
function reasonOf(error: unknown): string {
  const isOurs = error instanceof PoisonMessageError || error instanceof RecipientUnknownError;
  return isOurs ? error.message : `It broke (${error instanceof Error ? error.name : 'unknown'}).`;
}
