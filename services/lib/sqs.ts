import { SQSClient } from '@aws-sdk/client-sqs';
import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import { type AwsAccess, type AwsTiming, awsClientOptions, awsConnections } from './aws.ts';

/** What one call of SQS may hold. The documented limit; raise it here when AWS does. */
export const sqsLimits = { entries: 10, bytes: 256 * 1024 } as const;

/**
 * Makes the SQS client of a service.
 *
 * The endpoint comes from the region or from AWS_ENDPOINT_URL, never from the queue URL: the SDK's default of sending
 * to the host inside the queue URL would go past a VPC endpoint, a proxy or a local AWS that the environment names.
 * So the queue has to be in the service's own region. Checksums of single messages are left out: the signature covers
 * what is sent, TLS what comes.
 */
export function sqsClient(region: string, timing: AwsTiming, access: AwsAccess): SQSClient {
  const { requestTimeoutMs } = timing;
  // Two thirds of the processor time of a call by node:https; the clients of rarer calls need not load it.
  const requestHandler = new UndiciHttpHandler({
    dispatcher: {
      connections: awsConnections.most,
      connect: { timeout: awsConnections.withinMs },
      headersTimeout: requestTimeoutMs,
      bodyTimeout: requestTimeoutMs,
    },
  });
  const options = awsClientOptions(region, timing, { requestHandler, ...access });
  const sqs = new SQSClient({ ...options, useQueueUrlAsEndpoint: false, md5: false });
  keepSigner(sqs);
  return sqs;
}

/**
 * Has a client sign all its calls with one signer. It would make one for each, of a copy of all its settings; what may
 * differ, the credentials and the time, a signer asks for each time it signs.
 */
function keepSigner({ config }: SQSClient): void {
  const makeSigner = config.signer;
  let signer: ReturnType<typeof makeSigner> | undefined;
  config.signer = (scheme) => {
    signer ??= makeSigner(scheme);
    return signer;
  };
}
