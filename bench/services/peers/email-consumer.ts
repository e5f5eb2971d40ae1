/**
 * The e-mail consumer by the library most teams take: sqs-consumer, so many consumers as CONSUMERS says.
 */
import { createHash } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';

const s3 = new S3Client();
const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
const queueUrl = process.env.SQS_QUEUE_URL ?? '';

for (let count = 0; count < Number(process.env.CONSUMERS); count += 1) {
  const consumer = Consumer.create({
    queueUrl,
    sqs,
    batchSize: 10,
    waitTimeSeconds: 20,
    messageSystemAttributeNames: ['SentTimestamp'],
    async handleMessage(message) {
      const { email_sender: sender } = JSON.parse(message.Body ?? '') as { email_sender: string };
      const hash = createHash('sha256').update(sender).digest('hex').slice(0, 16);
      const key = `emails/email-${message.Attributes?.SentTimestamp}-${hash}.json`;
      await s3.send(
        new PutObjectCommand({ Bucket: process.env.S3_BUCKET_NAME, Key: key, Body: message.Body }),
      );
      return message;
    },
  });
  consumer.on('error', (error) => console.error(error));
  consumer.start();
}
console.log('ready');
