import type { S3Client } from '@aws-sdk/client-s3';
import { type AwsAccess, awsClientOptions } from '../lib/aws.ts';

/** The bucket that trips are kept in. */
export interface TripStore {
  /** Keeps a JSON text under a key, in place of what was there. Throws what the SDK throws after its own retries. */
  put(key: string, text: string): Promise<void>;
  close(): Promise<void>;
}

const timing = { requestTimeoutMs: 5_000, maxAttempts: 2 };

/** Opens the bucket with the first trip: until then the client, the largest package here, takes no memory. */
export function createTripStore(bucket: string, region: string, access: AwsAccess): TripStore {
  let opening: Promise<S3Client> | undefined;

  async function open(): Promise<S3Client> {
    const { S3Client: Client } = await import('@aws-sdk/client-s3');
    return new Client(awsClientOptions(region, timing, access));
  }

  return {
    async put(key, text) {
      opening ??= open();
      const [client, { PutObjectCommand }] = await Promise.all([opening, import('@aws-sdk/client-s3')]);
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, ContentType: 'application/json', Body: text }),
      );
    },
    async close() {
      (await opening)?.destroy();
    },
  };
}
