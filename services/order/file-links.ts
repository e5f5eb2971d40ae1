import type { S3Client } from '@aws-sdk/client-s3';
import { type AwsAccess, awsClientOptions } from '../lib/aws.ts';
import { Problem } from '../lib/problem.ts';

/**
 * Links with which a client reaches an object of the bucket by itself, for five minutes. They are signed here; without
 * credentials to do that with, both throw `UPSTREAM_UNAVAILABLE`.
 */
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

  async function signed(link: Promise<string>): Promise<string> {
    return link.catch((cause: unknown) => {
      const detail = 'Files cannot be reached now.';
      throw new Problem('UPSTREAM_UNAVAILABLE', detail, { retryAfterSeconds: 5, cause });
    });
  }

  return {
    async toPut(key, mediaType) {
      const { client, getSignedUrl, PutObjectCommand } = await load();
      const command = new PutObjectCommand({ Bucket: bucket, Key: key, ContentType: mediaType });
      return signed(getSignedUrl(client, command, { expiresIn: linkSeconds }));
    },
    async toGet(key) {
      const { client, getSignedUrl, GetObjectCommand } = await load();
      const command = new GetObjectCommand({ Bucket: bucket, Key: key });
      return signed(getSignedUrl(client, command, { expiresIn: linkSeconds }));
    },
    async close() {
      (await opening)?.destroy();
    },
  };
}
