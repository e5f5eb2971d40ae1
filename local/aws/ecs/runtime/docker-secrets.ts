import type { Secret } from '@aws-sdk/client-ecs';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';

/** Where the value of a secret is kept, read from its `valueFrom`. */
export type SecretSource =
  | {
      kind: 'secrets-manager';
      region: string;
      secretId: string;
      jsonKey?: string;
      versionStage?: string;
      versionId?: string;
    }
  | { kind: 'ssm'; region: string; name: string };

/** Clients for one region, signing as the task's execution role. */
export interface SecretClients {
  secretsManager(region: string): SecretsManagerClient;
  ssm(region: string): SSMClient;
}

const prefix =
  'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed:';
const parametersPerCall = 10;

/**
 * Reads `valueFrom`: `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME[:JSON-KEY:STAGE:VERSION-ID]`, the ARN
 * of an SSM parameter, or the name of one in the task's region.
 * Source: ECS API, Secret.valueFrom (read 2026-11).
 */
export function parseSecretSource(valueFrom: string, taskRegion: string): SecretSource {
  const parts = valueFrom.split(':');
  const region = parts[3] || taskRegion;
  if (parts[2] === 'secretsmanager') {
    const [jsonKey, versionStage, versionId] = parts.slice(7).map((part) => part || undefined);
    return {
      kind: 'secrets-manager',
      region,
      secretId: parts.slice(0, 7).join(':'),
      jsonKey,
      versionStage,
      versionId,
    };
  }
  if (parts[2] === 'ssm') return { kind: 'ssm', region, name: parameterName(parts.slice(5).join(':')) };
  return { kind: 'ssm', region: taskRegion, name: valueFrom };
}

/**
 * Reads the values of a container's secrets, by the name of their environment variable.
 * Throws an Error whose message is what ECS shows as `stoppedReason`; the value of a secret is in none of them.
 */
export async function readSecrets(
  secrets: readonly Secret[],
  taskRegion: string,
  clients: SecretClients,
): Promise<Record<string, string>> {
  const wanted = secrets.map(({ name, valueFrom }) => ({
    name: name ?? '',
    source: parseSecretSource(valueFrom ?? '', taskRegion),
  }));
  const parameters = await readParameters(
    wanted.flatMap(({ source }) => (source.kind === 'ssm' ? [source] : [])),
    clients,
  );
  const values = wanted.map(async ({ name, source }) => {
    const value =
      source.kind === 'ssm'
        ? parameters.get(parameterKey(source.region, source.name))
        : await readSecret(source, clients);
    return [name, value ?? ''] as const;
  });
  return Object.fromEntries(await Promise.all(values));
}

type ParameterSource = Extract<SecretSource, { kind: 'ssm' }>;
type ManagedSource = Extract<SecretSource, { kind: 'secrets-manager' }>;

/** `/token` and `token` have one ARN, so an answer may carry either. */
function parameterKey(region: string, name: string): string {
  return `${region} ${name.replace(/^\//, '')}`;
}

async function readParameters(
  sources: readonly ParameterSource[],
  clients: SecretClients,
): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (const [region, names] of Map.groupBy(sources, (source) => source.region)) {
    const all = [...new Set(names.map((source) => source.name))];
    for (let from = 0; from < all.length; from += parametersPerCall) {
      const found = await readParameterBatch(clients.ssm(region), all.slice(from, from + parametersPerCall));
      for (const [name, value] of found) values.set(parameterKey(region, name), value);
    }
  }
  return values;
}

async function readParameterBatch(ssm: SSMClient, names: string[]): Promise<[string, string][]> {
  const retried = `${prefix} unable to retrieve secrets from ssm: service call has been retried 1 time(s):`;
  const answer = await ssm
    .send(new GetParametersCommand({ Names: names, WithDecryption: true }))
    .catch((error) => {
      throw new Error(`${retried} ${describeCall('SSM: GetParameters', error)}`);
    });
  if (answer.InvalidParameters?.length) {
    throw new Error(`${retried} invalid ssm parameters: ${answer.InvalidParameters.join(',')}`);
  }
  return (answer.Parameters ?? []).map((one) => [one.Name ?? '', one.Value ?? '']);
}

async function readSecret(source: ManagedSource, clients: SecretClients): Promise<string> {
  const retried = `${prefix} unable to retrieve secret from asm: service call has been retried 1 time(s):`;
  const { secretId: SecretId, versionStage: VersionStage, versionId: VersionId } = source;
  const answer = await clients
    .secretsManager(source.region)
    .send(new GetSecretValueCommand({ SecretId, VersionStage, VersionId }))
    .catch((error) => {
      const call = describeCall('Secrets Manager: GetSecretValue', error);
      throw new Error(`${retried} failed to fetch secret ${SecretId} from secrets manager: ${call}`);
    });
  const text = answer.SecretString ?? Buffer.from(answer.SecretBinary ?? []).toString('utf8');
  return source.jsonKey === undefined ? text : memberOf(text, source.jsonKey, retried);
}

function memberOf(text: string, jsonKey: string, retried: string): string {
  const parsed = tryParseObject(text);
  if (!parsed)
    throw new Error(`${retried} the secret value is not a JSON object, but json key ${jsonKey} is asked for`);
  const value = parsed[jsonKey];
  if (value === undefined)
    throw new Error(`${retried} retrieved secret from Secrets Manager did not contain json key ${jsonKey}`);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function tryParseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Words a failed call as the AWS SDK for Go does, which is what the agent writes into the reason. */
function describeCall(operation: string, error: unknown): string {
  const { name, message, $metadata } = error as {
    name?: string;
    message?: string;
    $metadata?: { httpStatusCode?: number; requestId?: string };
  };
  if (!$metadata?.httpStatusCode) return `operation error ${operation}, request send failed, ${message}`;
  const { httpStatusCode, requestId } = $metadata;
  return `operation error ${operation}, https response error StatusCode: ${httpStatusCode}, RequestID: ${requestId ?? ''}, ${name}: ${message}`;
}

/** `parameter/shop/token` of an ARN is the parameter `/shop/token`, `parameter/token` is `token`. */
function parameterName(resource: string): string {
  const path = resource.replace(/^parameter\//, '');
  return path.includes('/') ? `/${path.replace(/^\//, '')}` : path;
}
