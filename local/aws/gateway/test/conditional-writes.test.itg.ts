import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensurePythonTools } from '../../../machine/python-tools.ts';
import { type Moto, startMoto } from '../moto.ts';

const Bucket = 'shared';
let moto: Moto;
let s3: S3Client;

beforeAll(async () => {
  const { bin } = await ensurePythonTools(['moto']);
  moto = await startMoto(bin);
  const credentials = { accessKeyId: '123456789012', secretAccessKey: 'secret' };
  s3 = new S3Client({ region: 'us-east-1', endpoint: moto.url, credentials, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket }));
});

afterAll(async () => {
  s3?.destroy();
  await moto?.stop();
});

/** Writes an object if there is none of its key, and gives `written` or the name of the error. */
async function write(Key: string, Body: string): Promise<string> {
  const put = s3.send(new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: '*' }));
  return put.then(
    () => 'written',
    ({ name }: Error) => name,
  );
}

test('of many who write one key at once, if there is none, one succeeds and the object is its own', async () => {
  // A body that takes a moment, or the writers do not meet.
  const bodies = Array.from({ length: 10 }, (_, writer) => `${writer}`.repeat(300_000));
  for (let round = 0; round < 30; round += 1) {
    const Key = `round-${round}`;
    const outcomes = await Promise.all(bodies.map((body) => write(Key, body)));
    const written = bodies.filter((_, writer) => outcomes[writer] === 'written').map((body) => body[0]);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(written).toEqual([(await Body?.transformToString())?.[0]]);
    expect(outcomes.filter((outcome) => outcome === 'PreconditionFailed')).toHaveLength(9);
  }
});
