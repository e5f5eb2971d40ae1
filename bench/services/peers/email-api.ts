/**
 * The e-mail API as it is usually written in Node: Fastify, and one SendMessage of the SDK for each mail.
 */
import { timingSafeEqual } from 'node:crypto';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import fastify from 'fastify';

const text = { type: 'string' } as const;
const fields = ['email_subject', 'email_sender', 'email_timestream', 'email_content'] as const;
const body = {
  type: 'object',
  required: ['token', 'data'],
  properties: {
    token: text,
    data: {
      type: 'object',
      required: fields,
      properties: Object.fromEntries(fields.map((field) => [field, text])),
    },
  },
};

const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
const { Parameter } = await new SSMClient().send(
  new GetParameterCommand({ Name: process.env.SSM_TOKEN_PARAMETER, WithDecryption: true }),
);
const expected = Buffer.from(Parameter?.Value ?? '');

const app = fastify();
app.post<{ Body: { token: string; data: object } }>(
  '/api/email',
  { schema: { body } },
  async (request, reply) => {
    const given = Buffer.from(request.body.token);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      return reply.code(401).send({ error: 'wrong token' });
    }
    const command = new SendMessageCommand({
      QueueUrl: process.env.SQS_QUEUE_URL,
      MessageBody: JSON.stringify(request.body.data),
    });
    const { MessageId } = await sqs.send(command);
    return reply.code(202).send({ status: 'accepted', messageId: MessageId });
  },
);
console.log(await app.listen({ port: 0, host: '127.0.0.1' }));
