import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { S3Client } from '../aws-clients.ts';
import { isAwsFailure, UserError } from '../errors.ts';
import type { StatePlace } from './terraform-inputs.ts';

/** `sha256:` and the hex digest of a plan file. */
export async function digestOf(file: string): Promise<string> {
  return digestOfBytes(await readFile(file));
}

function digestOfBytes(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * Keeps a plan file beside its state, under its own digest and the bucket's key. A plan holds values that must not be
 * shown, so it is in no artifact.
 */
export async function keepPlan(file: string, place: StatePlace, s3: S3Client): Promise<string> {
  const bytes = await readFile(file);
  const digest = digestOfBytes(bytes);
  const { client, PutObjectCommand } = await s3();
  await client.send(new PutObjectCommand({ Bucket: place.bucket, Key: place.planKey(digest), Body: bytes }));
  return digest;
}

/** Fetches the plan with that digest into a file. Throws `TERRAFORM_CHANGED_PLAN` when it is another, or gone. */
export async function fetchPlan(
  digest: string,
  file: string,
  place: StatePlace,
  s3: S3Client,
): Promise<void> {
  const key = place.planKey(digest);
  const where = `s3://${place.bucket}/${key}`;
  const { client, GetObjectCommand } = await s3();
  const bytes = await client
    .send(new GetObjectCommand({ Bucket: place.bucket, Key: key }))
    .then(({ Body }) => Body?.transformToByteArray() ?? new Uint8Array())
    .catch((error: unknown) => {
      if (!isAwsFailure(error, 'NoSuchKey')) throw error;
      throw new UserError('TERRAFORM_CHANGED_PLAN', `There is no plan at ${where}: plan again.`);
    });
  const actual = digestOfBytes(bytes);
  if (actual !== digest) {
    throw new UserError(
      'TERRAFORM_CHANGED_PLAN',
      `The plan at ${where} is not the one that was made: it has the digest ${actual}; expected ${digest}. Nothing was changed; find out who wrote it, and plan again.`,
    );
  }
  await writeFile(file, bytes, { mode: 0o600 });
}
