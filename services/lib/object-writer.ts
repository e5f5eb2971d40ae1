import { PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { SignatureV4 } from '@smithy/signature-v4';
import { backoffMs } from './backoff.ts';
import type { Clock } from './clock.ts';

/** A small object that is written once. */
export interface NewObject {
  key: string;
  body: string;
  contentType: string;
  /** Sent as `x-amz-meta-…`; header characters only. */
  metadata: Readonly<Record<string, string>>;
}

export interface ObjectWriter {
  /**
   * Writes an object where there is none; `false` when there is one of that key already. Tries again as often as the
   * client does, for faults that pass. Throws `S3ServiceException`, or what the connection threw; a second call is safe.
   */
  create(object: NewObject, signal: AbortSignal): Promise<boolean>;
}

interface Answer {
  statusCode: number;
  headers: Readonly<Record<string, string>>;
  body: AsyncIterable<Uint8Array>;
}

const retryDelay = { baseMs: 100, maxMs: 2_000 };
const passing = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Makes a writer for one bucket that asks S3 with the client's own connections, credentials and endpoint, but without
 * its chain of twenty steps: a third of the processor time of `client.send(new PutObjectCommand(…))`, which is what
 * bounds a consumer that writes an object for each message. Signed by the SDK's own signer; the body is part of the
 * signature, so a damaged one is refused.
 */
export function createObjectWriter(deps: {
  s3: S3Client;
  bucket: string;
  clock: Clock;
  random: () => number;
}): ObjectWriter {
  const { s3, bucket, clock, random } = deps;
  const { config } = s3;
  const signer = new SignatureV4({
    service: 's3',
    region: config.region,
    credentials: config.credentials,
    sha256: config.sha256,
    // S3 signs the path as it is sent.
    uriEscapePath: false,
  });
  let root: URL | undefined;

  /** Where the bucket's objects are, as the client finds it: by region, endpoint, FIPS, path or host. */
  async function rootOf(): Promise<URL> {
    root ??= new URL(await getSignedUrl(s3, new PutObjectCommand({ Bucket: bucket, Key: 'k' })));
    return root;
  }

  async function put({ key, body, contentType, metadata }: NewObject, signal: AbortSignal): Promise<Answer> {
    const { protocol, host, hostname, port, pathname } = await rootOf();
    const request = await signer.sign({
      method: 'PUT',
      protocol,
      hostname,
      ...(port !== '' && { port: Number(port) }),
      path: pathname.slice(0, -1) + encodeKey(key),
      query: { 'x-id': 'PutObject' },
      headers: {
        host,
        'content-type': contentType,
        'content-length': String(Buffer.byteLength(body)),
        'if-none-match': '*',
        ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
      },
      body,
    });
    const { response } = await config.requestHandler.handle(request, { abortSignal: signal });
    return response as Answer;
  }

  /** One try: whether the object was made, or the fault and whether it may pass. */
  async function attempt(object: NewObject, signal: AbortSignal): Promise<boolean> {
    const answer = await put(object, signal);
    // Read to its end in any case, or the connection is not used again.
    const text = await readText(answer.body);
    if (answer.statusCode < 300) return true;
    if (answer.statusCode === 412) return false;
    throw toException(answer, text, `${bucket}/${object.key}`);
  }

  return {
    async create(object, signal) {
      const most = await config.maxAttempts();
      for (let tries = 1; ; tries += 1) {
        try {
          return await attempt(object, signal);
        } catch (error) {
          if (tries >= most || signal.aborted || !mayPass(error)) throw error;
          await clock.sleep(backoffMs(tries, retryDelay, random), signal);
        }
      }
    },
  };
}

/** Each part of the key as RFC 3986 has it, which is what S3 signs. */
function encodeKey(key: string): string {
  return key
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(
        /[!'()*]/g,
        (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
    )
    .join('/');
}

/** Says whether a fault of S3 may be over soon; what has no status is a fault of the connection. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof S3ServiceException) || passing.has(error.$metadata.httpStatusCode ?? 0);
}

function toException({ statusCode, headers }: Answer, text: string, path: string): S3ServiceException {
  const name = /<Code>([^<]+)<\/Code>/.exec(text)?.[1] ?? 'UnknownError';
  const message = /<Message>([^<]+)<\/Message>/.exec(text)?.[1] ?? `S3 answered ${statusCode}.`;
  return new S3ServiceException({
    name,
    message: `${path}: ${message}`,
    $fault: statusCode < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: statusCode, requestId: headers['x-amz-request-id'] },
  });
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return parts.length === 0 ? '' : Buffer.concat(parts).toString('utf8');
}
