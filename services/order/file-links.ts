import type { S3Client } from '@aws-sdk/client-s3';
import { type AwsAccess, awsClientOptions } from '../lib/aws.ts';

/** Links with which a client reaches an object of the bucket by itself, for five minutes. */
export interface FileLinks {
  /** To put an object of that media type there. */
  toPut(key: string, mediaType: string): Promise<string>;
  toGet(key: string): Promise<string>;
  close(): Promise<void>;
}

const timing = { requestTimeoutMs: 5_000, maxAttempts: 2 };
const linkSeconds = 300;

/** Opens the bucket with the first link: until then the client, the largest package here, takes no memory. */
export function createFileLinks(bucket: string, region: string, access: AwsAccess): FileLinks {
  let opening: Promise<S3Client> | undefined;

  async function open(): Promise<S3Client> {
    const { S3Client: Client } = await import('@aws-sdk/client-s3');
    return new Client(awsClientOptions(region, timing, access));
  }

  async function load() {
    opening ??= open();
    const [client, { getSignedUrl }, commands] = await Promise.all([
      opening,
      import('@aws-sdk/s3-request-presigner'),
      import('@aws-sdk/client-s3'),
    ]);
    return { client, getSignedUrl, ...commands };
  }

  return {
    async toPut(key, mediaType) {
      const { client, getSignedUrl, PutObjectCommand } = await load();
      const command = new PutObjectCommand({ Bucket: bucket, Key: key, ContentType: mediaType });
      return getSignedUrl(client, command, { expiresIn: linkSeconds });
    },
    async toGet(key) {
      const { client, getSignedUrl, GetObjectCommand } = await load();
      return getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }), {
        expiresIn: linkSeconds,
      });
    },
    async close() {
      (await opening)?.destroy();
    },
  };
}
