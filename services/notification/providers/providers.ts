import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../lib/clock.ts';
import type { SecretSource } from '../../lib/secret.ts';
import type { Channel } from '../channels.ts';
import { createFcm } from './fcm.ts';
import { guarded, type Patience } from './guard.ts';
import { type ProviderKeys, parseProviderKeys } from './keys.ts';
import { createPipeline } from './pipeline.ts';
import type { Provider } from './provider.ts';
import { createSendgrid } from './sendgrid.ts';
import { createSlack } from './slack.ts';
import { createTwilio } from './twilio.ts';

/** The provider of each channel; a channel whose keys are missing has none. */
type ProviderTable = Readonly<Partial<Record<Channel, Provider>>>;

/**
 * Finds the provider of a channel; `undefined` when the secret has no keys for it, which is then asked again the next
 * time. Providers stay the same, breakers included, until the secret changes. The result rejects while the secret
 * cannot be read, or is not usable.
 */
export function createProviders(deps: {
  secret: SecretSource;
  sqs: SQSClient;
  mailQueueUrl: string;
  clock: Clock;
  random: () => number;
  patience: Patience;
}): (channel: Channel) => Promise<Provider | undefined> {
  const { secret, sqs, mailQueueUrl, clock, random, patience } = deps;
  let known: { text: string; table: ProviderTable } | undefined;

  const guard = (provider: Provider) => guarded(provider, { patience, onKeyRefused: secret.forget });

  function build({ sendgrid, twilio, fcm, slack }: ProviderKeys): ProviderTable {
    const mail = sendgrid
      ? createSendgrid(sendgrid, clock)
      : createPipeline({ sqs, queueUrl: mailQueueUrl, clock, random });
    return {
      email: guard(mail),
      ...(twilio && { sms: guard(createTwilio(twilio, clock)) }),
      ...(fcm && { push: guard(createFcm(fcm, clock)) }),
      slack: guard(createSlack(slack, clock)),
    };
  }

  return async (channel) => {
    const text = await secret.read();
    if (known?.text !== text) known = { text, table: build(parseProviderKeys(text)) };
    const provider = known.table[channel];
    if (!provider) secret.forget();
    return provider;
  };
}
