import { type ECSClient, ListTaskDefinitionFamiliesCommand } from '@aws-sdk/client-ecs';
import type { SsmClient } from '../../core/src/aws-clients.ts';
import type { TaskDefinitionDocument } from '../../core/src/decide/task-definition-content.ts';
import { tryTaskDefinition } from '../../core/src/ecs/task-definition.ts';
import { faultsError, isAwsFailure, UserError } from '../../core/src/errors.ts';
import { renderNearMatches } from '../../core/src/near-match.ts';
import { readWorkspaceFile } from '../../core/src/workspace-file.ts';
import { readYamlDocument, type YamlDocument, type YamlPath } from '../../core/src/yaml-document.ts';
import { parseSource } from './source.ts';

/** A template as it was read. `text` tells places in it, and is absent for what ECS has registered. */
export interface Template {
  readonly document: TaskDefinitionDocument;
  readonly text?: { readonly document: YamlDocument; readonly at: YamlPath };
}

/** What templates are read with. */
export interface TemplateReader {
  readonly ecs: ECSClient;
  readonly ssm: SsmClient;
  readonly workspace: string;
}

/**
 * Reads a template by its source. At most one call, two where a family is unknown.
 * Throws `TASK_DEFINITION_NOT_FOUND` or, for a text that is no task definition, `TASK_DEFINITION_INVALID` with its place.
 */
export async function readTemplate(source: string, reader: TemplateReader): Promise<Template> {
  const parsed = parseSource(source);
  if (parsed.kind === 'registered') return { document: await readRegistered(parsed.name, reader.ecs) };
  const text =
    parsed.kind === 'file'
      ? await readText(parsed.path, reader.workspace)
      : await readParameter(parsed.name, reader.ssm);
  return parseTemplate(text, source);
}

/** A template's text as a document; the output of `aws ecs describe-task-definition` is taken as well. */
export function parseTemplate(text: string, file: string): Template {
  const yaml = readYamlDocument(text, file);
  const { value, faults } = yaml;
  if (faults.length > 0) throw faultsError('TASK_DEFINITION_INVALID', `${file} cannot be read:`, faults);
  const isDescribed = isMap(value) && isMap(value.taskDefinition);
  const document = isDescribed ? value.taskDefinition : value;
  const at = isDescribed ? ['taskDefinition'] : [];
  if (
    isMap(document) &&
    Array.isArray(document.containerDefinitions) &&
    document.containerDefinitions.every(isMap)
  ) {
    return { document, text: { document: yaml, at } };
  }
  const message = 'expected a task definition: a map with "family" and a list "containerDefinitions"';
  throw faultsError('TASK_DEFINITION_INVALID', `${file} is no task definition:`, [
    { message, place: yaml.placeOf([]) },
  ]);
}

function readText(path: string, workspace: string): Promise<string> {
  return readWorkspaceFile(workspace, path, {
    code: 'TASK_DEFINITION_NOT_FOUND',
    more: '; expected the path of a task definition template, relative to it.',
  });
}

async function readParameter(name: string, ssm: SsmClient): Promise<string> {
  const { client, GetParameterCommand } = await ssm();
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    return Parameter?.Value ?? '';
  } catch (error) {
    if (!isAwsFailure(error, 'ParameterNotFound')) throw error;
    const region = await client.config.region();
    throw new UserError(
      'TASK_DEFINITION_NOT_FOUND',
      `There is no SSM parameter ${name} in ${region}; it should hold the template of the task definition. ` +
        `Terraform writes it, or: aws ssm put-parameter --type String --name ${name} --value file://task-definition.json`,
      { cause: error },
    );
  }
}

async function readRegistered(name: string, ecs: ECSClient): Promise<TaskDefinitionDocument> {
  const found = await tryTaskDefinition(ecs, name);
  if (found) return found.document;
  const family = name.replace(/^.*\//, '').replace(/:\d+$/, '');
  const hint = renderNearMatches(family, await listFamilies(ecs));
  const region = await ecs.config.region();
  throw new UserError(
    'TASK_DEFINITION_NOT_FOUND',
    `There is no active task definition "${name}" in ${region}.${hint}`,
  );
}

/** The first hundred families; none where listing is not allowed, as they only help a message. */
async function listFamilies(ecs: ECSClient): Promise<string[]> {
  const command = new ListTaskDefinitionFamiliesCommand({ status: 'ACTIVE', maxResults: 100 });
  return ecs.send(command).then(
    (answer) => answer.families ?? [],
    () => [],
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
