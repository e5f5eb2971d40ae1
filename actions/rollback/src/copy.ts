import { type ECSClient, ListTaskDefinitionsCommand } from '@aws-sdk/client-ecs';
import {
  hasSameContent,
  type TaskDefinitionDocument,
} from '../../core/src/decide/task-definition-content.ts';
import { familyOf } from '../../core/src/ecs/arn.ts';
import {
  COPIED_FROM_TAG,
  KNOWN_BAD_TAG,
  registerTaskDefinition,
  tryTaskDefinition,
} from '../../core/src/ecs/task-definition.ts';

/** How many of the family's newest revisions are looked through for a copy that is there already. */
const LOOKED_THROUGH = 10;

/** A revision to copy, with the images to pin in it by container. */
export interface CopyRequest {
  taskDefinitionArn: string;
  pins: Readonly<Record<string, string>>;
}

/**
 * Gives a revision equal to the one asked for that can be deployed: a copy with its tags and `copied-from`, images
 * pinned. A copy that is there already is taken. Several processes that copy at once agree on the oldest of their
 * copies, so that they deploy the same one; the others stay registered and unused.
 */
export async function registerCopy(
  ecs: ECSClient,
  { taskDefinitionArn, pins }: CopyRequest,
): Promise<string> {
  const source = await tryTaskDefinition(ecs, taskDefinitionArn);
  if (!source) throw new Error(`${taskDefinitionArn} was there a moment ago`);
  const document = pinned(source.document, pins);
  const wanted = { taskDefinitionArn, document };
  const known = await findCopy(ecs, wanted);
  if (known) return known;
  const { [KNOWN_BAD_TAG]: _mark, ...tags } = source.tags;
  const copy = await registerTaskDefinition(ecs, document, { ...tags, [COPIED_FROM_TAG]: taskDefinitionArn });
  return (await findCopy(ecs, wanted)) ?? copy;
}

function pinned(document: TaskDefinitionDocument, pins: CopyRequest['pins']): TaskDefinitionDocument {
  const containers = (document.containerDefinitions ?? []) as Record<string, unknown>[];
  const containerDefinitions = containers.map((container) => {
    const image = pins[String(container.name)];
    return image === undefined ? container : { ...container, image };
  });
  return { ...document, containerDefinitions };
}

/** The oldest active copy of that content; `undefined` where there is none, or listing is not allowed. */
async function findCopy(
  ecs: ECSClient,
  { taskDefinitionArn, document }: { taskDefinitionArn: string; document: TaskDefinitionDocument },
): Promise<string | undefined> {
  const familyPrefix = familyOf(taskDefinitionArn);
  const listing = new ListTaskDefinitionsCommand({ familyPrefix, sort: 'DESC', maxResults: LOOKED_THROUGH });
  const arns = await ecs.send(listing).then(
    ({ taskDefinitionArns = [] }) => taskDefinitionArns.filter((arn) => familyOf(arn) === familyPrefix),
    () => [],
  );
  const read = await Promise.all(arns.map((arn) => tryTaskDefinition(ecs, arn)));
  const copies = read.filter(
    (one) =>
      one?.status === 'ACTIVE' &&
      one.tags[COPIED_FROM_TAG] === taskDefinitionArn &&
      !(KNOWN_BAD_TAG in one.tags) &&
      hasSameContent(one.document, document),
  );
  return copies.at(-1)?.taskDefinitionArn;
}
