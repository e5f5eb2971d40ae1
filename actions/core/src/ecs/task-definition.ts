import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  TagResourceCommand,
} from '@aws-sdk/client-ecs';
import {
  hasSameContent,
  registrable,
  type TaskDefinitionDocument,
} from '../decide/task-definition-content.ts';
import { tryAwsFailure } from '../errors.ts';
import { keepRawAnswer } from './raw-answer.ts';
import { AmbiguousWrite, sendOnce } from './send-once.ts';

/** The tag that keeps a revision from ever being rolled back to; its value is a short reason. */
export const KNOWN_BAD_TAG = 'known-bad';

/** The tag of a revision before whose deployment a migration ran; its value is when. What is older may not fit since. */
export const MIGRATED_TAG = 'migrated-at';

/** The tag of a copy of an INACTIVE revision, or of one whose images were named by tags that moved: the original's ARN. */
export const COPIED_FROM_TAG = 'copied-from';

/** A registered task definition with its tags. `document` is what ECS answered, with fields newer than the SDK. */
export interface RegisteredTaskDefinition {
  taskDefinitionArn: string;
  /** `ACTIVE`, `INACTIVE` or `DELETE_IN_PROGRESS`. */
  status: string;
  document: TaskDefinitionDocument;
  tags: Readonly<Record<string, string>>;
}

/**
 * Reads `family:revision`, an ARN, or the newest active revision of a family; `undefined` when there is none.
 * One call.
 */
export async function tryTaskDefinition(
  ecs: ECSClient,
  name: string,
): Promise<RegisteredTaskDefinition | undefined> {
  const command = new DescribeTaskDefinitionCommand({ taskDefinition: name, include: ['TAGS'] });
  const raw = keepRawAnswer(command);
  const answer = await ecs.send(command).catch((error: unknown) => {
    if (isUnknownTaskDefinition(error)) return undefined;
    throw error;
  });
  const { taskDefinition, tags } = answer ?? {};
  if (!taskDefinition?.taskDefinitionArn) return undefined;
  return {
    taskDefinitionArn: taskDefinition.taskDefinitionArn,
    status: taskDefinition.status ?? 'ACTIVE',
    document: { ...raw().taskDefinition },
    tags: Object.fromEntries((tags ?? []).map(({ key, value }) => [key ?? '', value ?? ''])),
  };
}

/**
 * Registers a revision and returns its ARN. One write; when its answer is lost, the family's newest revision
 * is read back and taken if it has this content; where another run has registered meanwhile, the ten newest are
 * looked through for one of this content and the tags of this run. Only then the write is made once more.
 * Fields the SDK does not know are sent as they are; those only ECS writes are left out.
 */
export async function registerTaskDefinition(
  ecs: ECSClient,
  document: TaskDefinitionDocument,
  tags: Readonly<Record<string, string>> = {},
): Promise<string> {
  const body = withTags(registrable(document), tags);
  try {
    return await register(ecs, body);
  } catch (error) {
    if (!(error instanceof AmbiguousWrite)) throw error;
    const newest = await tryTaskDefinition(ecs, String(body.family));
    if (newest && hasSameContent(newest.document, body)) return newest.taskDefinitionArn;
    // Where looking is not allowed, a second revision of the same content does no harm.
    const ours = newest ? await findOurs(ecs, body, tags).catch(() => undefined) : undefined;
    return ours ?? register(ecs, body);
  }
}

const LOOKED_THROUGH = 10;

/** Equal content alone may be somebody else's older revision; with our tags it is the write that was lost. */
async function findOurs(
  ecs: ECSClient,
  body: Record<string, unknown>,
  tags: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  if (Object.keys(tags).length === 0) return undefined;
  const input = { familyPrefix: String(body.family), sort: 'DESC', maxResults: LOOKED_THROUGH } as const;
  const { taskDefinitionArns = [] } = await ecs.send(new ListTaskDefinitionsCommand(input));
  for (const arn of taskDefinitionArns) {
    const found = await tryTaskDefinition(ecs, arn);
    if (!found || !hasSameContent(found.document, body)) continue;
    if (Object.entries(tags).every(([key, value]) => found.tags[key] === tagValue(value))) return arn;
  }
  return undefined;
}

/** Puts one tag on a task definition. Safe to repeat; needs `ecs:TagResource`. */
export async function tagTaskDefinition(
  ecs: ECSClient,
  taskDefinitionArn: string,
  key: string,
  value: string,
) {
  await ecs.send(
    new TagResourceCommand({ resourceArn: taskDefinitionArn, tags: [{ key, value: tagValue(value) }] }),
  );
}

/** ECS takes 256 characters of letters, digits, space and `_.:/=+-@` in a tag's value. */
function tagValue(text: string): string {
  return text
    .replace(/[^\p{L}\p{N} _.:/=+\-@]/gu, ' ')
    .replace(/ +/g, ' ')
    .trim()
    .slice(0, 256);
}

async function register(ecs: ECSClient, body: Record<string, unknown>): Promise<string> {
  const command = new RegisterTaskDefinitionCommand(body as unknown as RegisterTaskDefinitionCommandInput);
  sendAsIs(command, body);
  const answer = await sendOnce(command, (c) => ecs.send(c));
  return answer.taskDefinition?.taskDefinitionArn ?? '';
}

type Next = (args: { request: { body?: unknown } }) => Promise<unknown>;

/** The SDK writes only the fields it knew when it was built; a newer field of ECS must not vanish on the way. */
function sendAsIs(
  {
    middlewareStack,
  }: { middlewareStack: { add(m: never, o: { step: 'build'; priority: 'high'; name: string }): void } },
  body: Record<string, unknown>,
): void {
  const middleware =
    (next: Next): Next =>
    async (args) => {
      args.request.body = JSON.stringify(body);
      return next(args);
    };
  middlewareStack.add(middleware as never, { step: 'build', priority: 'high', name: 'berthSendAsIs' });
}

function withTags(
  document: Record<string, unknown>,
  tags: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const own = Array.isArray(document.tags) ? document.tags : [];
  const added = Object.entries(tags)
    .filter(([key]) => !own.some((tag: { key?: unknown }) => tag.key === key))
    .map(([key, value]) => ({ key, value: tagValue(value) }));
  const all = [...own, ...added];
  return all.length > 0 ? { ...document, tags: all } : document;
}

function isUnknownTaskDefinition(error: unknown): boolean {
  const failure = tryAwsFailure(error);
  return (
    failure?.name === 'ClientException' &&
    /unable to describe task definition|not found|does not exist/i.test(failure.message)
  );
}
