import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { TaskDefinitionDocument } from '../../core/src/decide/task-definition-content.ts';
import { UserError } from '../../core/src/errors.ts';
import type { Target } from '../../core/src/github/target-inputs.ts';
import type { Migration } from '../../core/src/manifest-migration.ts';
import type { DeploymentStrategy } from '../../core/src/manifest-strategy.ts';
import { renderNearMatches } from '../../core/src/near-match.ts';
import { type SelectedService, selectServices } from '../../core/src/selected-services.ts';
import type { DeployInputs } from './inputs.ts';

/** A service with what it shall run: a document to register if need be, or a revision that exists already. */
export interface WantedService extends SelectedService {
  wanted: { document: TaskDefinitionDocument; file: string } | { taskDefinition: string };
  strategy?: DeploymentStrategy | undefined;
  migrate?: Migration | undefined;
}

const REGISTERED = /^(arn:[\w-]+:ecs:[\w-]+:\d{12}:task-definition\/)?[\w-]+:\d+$/;

/**
 * Joins the selected services with their task definitions, read from their files. Nothing on AWS is called.
 * With `task-definitions` its keys are the services; every fault is a `UserError`.
 */
export async function readWantedServices(
  inputs: DeployInputs,
  target: Target,
  workspace: string,
): Promise<WantedService[]> {
  const sources = sourcesOf(inputs, target);
  const chosen = target.services.filter(({ name }) => name in sources);
  const selected = selectServices(target.environment ? { ...target, services: chosen } : target, inputs);
  return Promise.all(
    selected.map(async (one) => ({
      ...one,
      wanted: await readWanted(sources[one.service] ?? '', workspace),
      strategy: target.manifest?.services[one.service]?.strategy,
      migrate: target.manifest?.services[one.service]?.migrate,
    })),
  );
}

/** Service name to file or registered task definition. */
function sourcesOf(inputs: DeployInputs, target: Target): Readonly<Record<string, string>> {
  const { 'task-definition': one, 'task-definitions': several } = inputs;
  if ((one === undefined) === (several === undefined)) {
    throw new UserError(
      'INPUT_MISSING',
      'Give either "task-definition" (a file, family:revision or ARN, for one service) or "task-definitions" (a JSON object, for several).',
    );
  }
  if (several) {
    assertKnown(Object.keys(several), target);
    return several;
  }
  const names = target.environment ? target.services.map(({ name }) => name) : [inputs.service ?? ''];
  if (names.length !== 1) {
    throw new UserError(
      'INPUT_CONTRADICTION',
      `"task-definition" is for one service, but ${names.length} are chosen (${names.join(', ')}): name one in "services", or use "task-definitions".`,
    );
  }
  return { [names[0] ?? '']: one ?? '' };
}

function assertKnown(names: readonly string[], target: Target): void {
  if (!target.environment) {
    throw new UserError(
      'INPUT_MISSING',
      '"task-definitions" needs "environment", which says where its services are.',
    );
  }
  const known = target.services.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const lines = unknown.map(
    (name) => `"task-definitions" names "${name}", which is not chosen.${renderNearMatches(name, known)}`,
  );
  throw new UserError('INPUT_INVALID', lines.join('\n'));
}

async function readWanted(source: string, workspace: string): Promise<WantedService['wanted']> {
  if (REGISTERED.test(source)) return { taskDefinition: source };
  const path = isAbsolute(source) ? source : join(workspace, source);
  const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      'TASK_DEFINITION_UNREADABLE',
      `The task definition ${source} cannot be read (${error.code}). Expected a JSON file, as render-task-def writes it, family:revision, or an ARN.`,
    );
  });
  return { document: parseDocument(content, source), file: source };
}

function parseDocument(content: string, file: string): TaskDefinitionDocument {
  const document = tryParse(content, file);
  const { family, containerDefinitions } = document;
  if (typeof family !== 'string' || family === '') {
    throw new UserError('TASK_DEFINITION_INVALID', `${file} has no "family": expected "family": "<name>".`);
  }
  if (!Array.isArray(containerDefinitions) || containerDefinitions.length === 0) {
    throw new UserError(
      'TASK_DEFINITION_INVALID',
      `${file} has no "containerDefinitions": expected at least one.`,
    );
  }
  return document;
}

function tryParse(content: string, file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError('TASK_DEFINITION_INVALID', `${file} is not JSON: ${reason}`);
  }
  throw new UserError('TASK_DEFINITION_INVALID', `${file} is JSON, but not an object.`);
}
