import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../lib/clock.ts';
import { createMessageSender } from '../../lib/message-sender.ts';
import { type Provider, ProviderAwayError } from './provider.ts';

const sender = 'Berth notifications';

/**
 * E-mail through our own pipeline: the four fields that email-api writes to its queue. They name no recipient, so the
 * address is the first line of the content.
 */
export function createPipeline(deps: {
  sqs: SQSClient;
  queueUrl: string;
  clock: Clock;
  random: () => number;
}): Provider {
  const { clock } = deps;
  const sendMessages = createMessageSender(deps);
  const name = 'the e-mail pipeline';
  return {
    name,
    async send({ to, subject, text }) {
      const mail = {
        email_subject: subject,
        email_sender: sender,
        email_timestream: String(Math.floor(clock.now() / 1_000)),
        email_content: `To: ${to}\n\n${text}`,
      };
      const [outcome] = await sendMessages([JSON.stringify(mail)]);
      if (outcome?.kind === 'accepted') return { kind: 'sent' };
      if (outcome?.kind === 'refused')
        return { kind: 'refused', reason: `SQS refuses the mail (${outcome.code}).` };
      throw new ProviderAwayError('SQS does not take mails now.');
    },
  };
}
