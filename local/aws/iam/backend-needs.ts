import type { AccessNeed, CallPlace } from './access-need.ts';
import { isRecord, textsOf } from './policy.ts';
import { s3Needs } from './s3-needs.ts';

/** A call to a service of the back end, as far as it is known. */
export type BackendRequest = {
  /** Signing name; absent where nobody signed. */
  service?: string | undefined;
  /** Absent where it cannot be told (REST services other than S3). */
  operation?: string | undefined;
  method: string;
  url: string;
  host?: string | undefined;
  copySource?: string | undefined;
  /** The request's members: of a JSON body or a form. Empty where they are not known. */
  input: Readonly<Record<string, unknown>>;
};

/** Prefixes of actions that are no signing names. */
const PREFIXES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch', email: 'ses', tagging: 'tag' };

/** Operations whose permission has another name. */
const ACTIONS: Readonly<Record<string, string>> = {
  'sqs:SendMessageBatch': 'SendMessage',
  'sqs:DeleteMessageBatch': 'DeleteMessage',
  'sqs:ChangeMessageVisibilityBatch': 'ChangeMessageVisibility',
  'sns:PublishBatch': 'Publish',
  'dynamodb:TransactWriteItems': 'PutItem',
  'dynamodb:TransactGetItems': 'GetItem',
};

type ArnOf = (input: BackendRequest['input'], place: CallPlace, operation: string) => string[];

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const isArn = (value: string): boolean => value.startsWith('arn:');

/** How the things of a service are named by its calls. What a call names nothing of gives an empty list. */
const RESOURCES: Readonly<Record<string, ArnOf>> = {
  ssm: (input, { region, accountId }) => {
    const ids =
      input.ResourceType === undefined || input.ResourceType === 'Parameter' ? input.ResourceId : [];
    const names = [input.Name, input.Names, input.Path, ids].flatMap(textsOf);
    return names.map((name) => {
      if (isArn(name)) return name;
      const [bare = ''] = name.replace(/^\//, '').replace(/\/$/, '').split(':');
      return `arn:aws:ssm:${region}:${accountId}:parameter/${bare}`;
    });
  },
  // A secret's ARN ends in six characters of which a name says nothing.
  secretsmanager: (input, { region, accountId }) =>
    [text(input.SecretId) || text(input.Name)]
      .filter(Boolean)
      .map((id) => (isArn(id) ? id : `arn:aws:secretsmanager:${region}:${accountId}:secret:${id}-??????`)),
  sqs: (input, { region, accountId }) => {
    // Move tasks name a queue by its ARN.
    if (isArn(text(input.SourceArn))) return [text(input.SourceArn)];
    const [, owner = accountId, name = text(input.QueueName)] =
      text(input.QueueUrl).match(/\/(\d{12})\/([^/?]+)$/) ?? [];
    return name === '' ? [] : [`arn:aws:sqs:${region}:${owner}:${name}`];
  },
  sns: (input, { region, accountId }, operation) => {
    const named = [input.TopicArn, input.TargetArn, input.ResourceArn].map(text).find(Boolean);
    if (named) return [named];
    return operation === 'CreateTopic' ? [`arn:aws:sns:${region}:${accountId}:${text(input.Name)}`] : [];
  },
  logs: (input, { region, accountId }, operation) => {
    if (operation === 'DescribeLogGroups') return [];
    const id = text(input.logGroupIdentifier);
    const group =
      text(input.logGroupName) || text(input.logGroupNamePrefix) || id.split(':log-group:').at(-1);
    const stream = text(input.logStreamName) || text(input.logStreamNamePrefix);
    return [`arn:aws:logs:${region}:${accountId}:log-group:${group}:log-stream:${stream}`];
  },
  dynamodb: (input, { region, accountId }) => {
    const name = text(input.TableName);
    if (name === '') return [];
    const table = isArn(name) ? name : `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;
    const index = text(input.IndexName);
    return [index === '' ? table : `${table}/index/${index}`];
  },
  cloudwatch: (input, { region, accountId }) =>
    [input.AlarmName, input.AlarmNames]
      .flatMap(textsOf)
      .map((name) => `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`),
  iam: (input, { accountId }) =>
    Object.entries({
      RoleName: 'role',
      UserName: 'user',
      GroupName: 'group',
      InstanceProfileName: 'instance-profile',
    })
      .flatMap(([member, kind]) =>
        textsOf(input[member]).map((name) => `arn:aws:iam::${accountId}:${kind}/${name}`),
      )
      .slice(0, 1),
  kms: (input, { region, accountId }) => {
    const key = text(input.KeyId);
    if (key === '' || key.includes('alias/')) return [];
    return [isArn(key) ? key : `arn:aws:kms:${region}:${accountId}:key/${key}`];
  },
};

/**
 * The permissions a call to the back end takes: the action is its service and operation, the resource what it
 * names, and `*` where it names nothing or its service is not known here. An operation that cannot be told takes
 * the whole service (`lambda:*`). An unsigned call takes nothing.
 *
 * Source: Service Authorization Reference of each service (read 2026-11).
 */
export function backendNeeds(request: BackendRequest, place: CallPlace): AccessNeed[] {
  const { service, operation, input } = request;
  if (service === undefined) return [];
  if (service === 's3') return s3Needs(request);
  const prefix = PREFIXES[service] ?? service;
  if (operation === undefined) return [{ action: `${prefix}:*`, resources: ['*'] }];
  const action = `${prefix}:${ACTIONS[`${prefix}:${operation}`] ?? operation}`;
  const named = RESOURCES[prefix]?.(input, place, operation) ?? [];
  const own = named.length > 0 ? named : arnsIn(input, prefix);
  return [{ action, resources: own.length > 0 ? own : ['*'] }];
}

/** The ARN of the service's own that a call has as a member. */
const arnsIn = (input: BackendRequest['input'], prefix: string): string[] =>
  Object.values(input)
    .map(text)
    .filter((value) => value.startsWith(`arn:aws:${prefix}:`))
    .slice(0, 1);

/** The members of a request's body: JSON, or a form's top level (lists of it as `Name.member.1`). */
export function membersOf(body: string, isJson: boolean): Record<string, unknown> {
  if (!isJson) return Object.fromEntries(new URLSearchParams(body));
  try {
    const parsed: unknown = JSON.parse(body || '{}');
    return isRecord(parsed) ? parsed : {};
  } catch {
    return {};
  }
}
