import type { AwsAccess } from '../../lib/aws.ts';
import { AwsFault, acceptedEntry, startAwsServer } from './aws-server.ts';

export interface Entry {
  Id: string;
  MessageBody: string;
}

/** How SQS takes one entry: a fault per entry, or nothing at all about it. */
export type EntryFault = { Code: string; SenderFault: boolean; Message?: string } | 'left out';

/** A fault of a whole call, by its AWS error code. */
interface CallFault {
  code: string;
  status: number;
}

/** What the double answers; change it between requests. */
export interface AwsScript {
  token: string;
  /** What Secrets Manager holds, by name. */
  secrets: Record<string, string>;
  secretsFault?: CallFault;
  ssmFault?: CallFault;
  sqsFault?: CallFault;
  s3Fault?: CallFault;
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

interface Input {
  SecretId?: string;
  Entries?: Entry[];
}

/** SSM, Secrets Manager, SQS and S3 over HTTP, as far as services use them; the real SDK clients talk to it. */
export async function startAwsDouble(): Promise<AwsDouble> {
  const script: AwsScript = { token: 'right-token', secrets: {} };
  const accepted: AwsDouble['accepted'] = [];
  const calls: AwsDouble['calls'] = [];
  const objects: AwsDouble['objects'] = new Map();

  const operations: Readonly<Record<string, (input: Input) => unknown>> = {
    GetParameter() {
      throwIf(script.ssmFault);
      return { Parameter: { Type: 'SecureString', Value: script.token } };
    },
    GetSecretValue({ SecretId = '' }) {
      throwIf(script.secretsFault);
      const SecretString = script.secrets[SecretId];
      if (SecretString === undefined) throw new AwsFault('ResourceNotFoundException');
      return { Name: SecretId, SecretString };
    },
    async SendMessageBatch({ Entries = [] }) {
      const call = calls.filter(({ operation }) => operation === 'SendMessageBatch').length;
      await script.sqsGate?.();
      throwIf(script.sqsFault);
      return takeBatch(Entries, call);
    },
  };

  function takeBatch(entries: readonly Entry[], call: number) {
    const Successful: unknown[] = [];
    const Failed: unknown[] = [];
    for (const entry of entries) {
      const fault = script.entryFault?.(entry, call);
      if (fault === 'left out') continue;
      if (fault) {
        Failed.push({ Id: entry.Id, ...fault });
        continue;
      }
      const taken = acceptedEntry(entry);
      accepted.push({ messageId: taken.MessageId, body: entry.MessageBody });
      Successful.push(taken);
    }
    return { Successful, Failed };
  }

  const { url: endpoint, close } = await startAwsServer<Input>({
    carryOut(operation, input) {
      calls.push({ operation, input });
      return operations[operation]?.(input);
    },
    putObject(path, text) {
      throwIf(script.s3Fault);
      objects.set(path, text);
    },
  });
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
  return { access: { endpoint, credentials }, endpoint, script, accepted, objects, calls, close };
}

function throwIf(fault: CallFault | undefined): void {
  if (fault) throw new AwsFault(fault.code, fault.status);
}
