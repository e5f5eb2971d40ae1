import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AwsAccess } from '../../lib/aws.ts';

export interface Entry {
  Id: string;
  MessageBody: string;
}

/** How SQS takes one entry: a fault per entry, or nothing at all about it. */
export type EntryFault = { Code: string; SenderFault: boolean; Message?: string } | 'left out';

/** What the double answers; change it between requests. */
export interface AwsScript {
  token: string;
  /** What Secrets Manager holds, by name. */
  secrets: Record<string, string>;
  secretsFault?: { code: string; status: number };
  /** A fault of the whole call, by its AWS error code. */
  ssmFault?: { code: string; status: number };
  sqsFault?: { code: string; status: number };
  s3Fault?: { code: string; status: number };
  entryFault?: (entry: Entry, call: number) => EntryFault | undefined;
  /** Held before each SendMessageBatch is answered. */
  sqsGate?: () => Promise<void>;
}

export interface AwsDouble {
  access: AwsAccess;
  endpoint: string;
  script: AwsScript;
  /** Bodies of the messages SQS has accepted, in order. */
  accepted: { messageId: string; body: string }[];
  /** Texts put to S3, by `/bucket/key`. */
  objects: Map<string, string>;
  /** Every call, by operation. */
  calls: { operation: string; input: unknown }[];
  close(): Promise<void>;
}

/** SSM, Secrets Manager, SQS and S3 over HTTP, as far as services use them; the real SDK clients talk to it. */
export async function startAwsDouble(): Promise<AwsDouble> {
  const script: AwsScript = { token: 'right-token', secrets: {} };
  const accepted: AwsDouble['accepted'] = [];
  const calls: AwsDouble['calls'] = [];
  const objects: AwsDouble['objects'] = new Map();
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    });
  });

  async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const text = await readText(request);
    if (request.method === 'PUT') return putObject(new URL(request.url ?? '/', 'http://s3').pathname, text);
    const input = JSON.parse(text);
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    calls.push({ operation, input });
    if (operation === 'GetParameter') return answerParameter();
    if (operation === 'GetSecretValue') return answerSecret(String(input.SecretId));
    if (operation !== 'SendMessageBatch') return refusal('UnknownOperationException', 400);
    const call = calls.filter((made) => made.operation === operation).length;
    await script.sqsGate?.();
    if (script.sqsFault) return refusal(script.sqsFault.code, script.sqsFault.status);
    return { status: 200, body: takeBatch(input.Entries as Entry[], call) };
  }

  function putObject(path: string, text: string) {
    if (script.s3Fault) return refusal(script.s3Fault.code, script.s3Fault.status);
    objects.set(path, text);
    return { status: 200, body: {} };
  }

  function answerParameter() {
    if (script.ssmFault) return refusal(script.ssmFault.code, script.ssmFault.status);
    return { status: 200, body: { Parameter: { Type: 'SecureString', Value: script.token } } };
  }

  function answerSecret(name: string) {
    if (script.secretsFault) return refusal(script.secretsFault.code, script.secretsFault.status);
    const SecretString = script.secrets[name];
    if (SecretString === undefined) return refusal('ResourceNotFoundException', 400);
    return { status: 200, body: { Name: name, SecretString } };
  }

  function takeBatch(entries: Entry[], call: number) {
    const Successful: unknown[] = [];
    const Failed: unknown[] = [];
    for (const entry of entries) {
      const fault = script.entryFault?.(entry, call);
      if (fault === 'left out') continue;
      if (fault) {
        Failed.push({ Id: entry.Id, ...fault });
        continue;
      }
      const MessageId = randomUUID();
      accepted.push({ messageId: MessageId, body: entry.MessageBody });
      Successful.push({ Id: entry.Id, MessageId, MD5OfMessageBody: md5(entry.MessageBody) });
    }
    return { Successful, Failed };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
  return {
    access: { endpoint, credentials },
    endpoint,
    script,
    accepted,
    objects,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refusal(code: string, status: number) {
  return { status, body: { __type: `com.amazonaws#${code}`, message: `${code} by the double` } };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
