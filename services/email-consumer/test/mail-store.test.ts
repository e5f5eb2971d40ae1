import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import nock from 'nock';
import { systemClock } from '../../lib/clock.ts';
import { createObjectWriter } from '../../lib/object-writer.ts';
import type { QueueMessage } from '../../lib/queue.ts';
import { mailKey, storeMail } from '../mail-store.ts';

// Node's http module outlives a test file: two files' nocks in one worker would answer twice.
afterAll(() => nock.restore());

const endpoint = 'http://127.0.0.1:51679';
const s3 = new S3Client({
  region: 'us-east-1',
  endpoint,
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  maxAttempts: 1,
});
const deps = {
  s3,
  bucket: 'mails',
  objects: createObjectWriter({ s3, bucket: 'mails', clock: systemClock, random: Math.random }),
};
const message: QueueMessage = {
  id: 'message-1',
  body: '{"email_sender":"a"}',
  receiptHandle: 'r',
  sentAt: 1_693_561_101_042,
  receiveCount: 1,
};
const path = (offsetMs: number) => `/mails/${mailKey(message.sentAt + offsetMs, 'a')}`;
const store = () => storeMail(deps, message, 'a', new AbortController().signal);

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

function answerPut(offsetMs: number, status: number) {
  return nock(endpoint, { reqheaders: { 'if-none-match': '*' } })
    .put(path(offsetMs))
    .query({ 'x-id': 'PutObject' })
    .reply(status, status === 200 ? '' : `<Error><Code>Answer${status}</Code></Error>`);
}

function answerHead(offsetMs: number, messageId: string) {
  return nock(endpoint).head(path(offsetMs)).reply(200, '', { 'x-amz-meta-message-id': messageId });
}

describe('storing a mail', () => {
  test('writes the body as it came, with the message id beside it, and never over another object', async () => {
    const scope = nock(endpoint, {
      reqheaders: {
        'if-none-match': '*',
        'x-amz-meta-message-id': 'message-1',
        'content-type': 'application/json',
      },
    })
      .put(path(0), message.body)
      .query({ 'x-id': 'PutObject' })
      .reply(200);
    expect(await store()).toBe('stored');
    expect(scope.isDone()).toBe(true);
  });

  test('takes its own object of an earlier delivery for a duplicate', async () => {
    answerPut(0, 412);
    answerHead(0, 'message-1');
    expect(await store()).toBe('duplicate');
  });

  test('gives another mail of that sender in that millisecond the next millisecond that is free', async () => {
    answerPut(0, 412);
    answerHead(0, 'message-0');
    answerPut(1, 412);
    answerHead(1, 'message-9');
    const third = answerPut(2, 200);
    expect(await store()).toBe('stored');
    expect(third.isDone()).toBe(true);
  });

  test.each([503, 403, 409])('throws when S3 answers %i, so that the message comes again', async (status) => {
    answerPut(0, status);
    await expect(store()).rejects.toMatchObject({ $metadata: { httpStatusCode: status } });
  });
});
