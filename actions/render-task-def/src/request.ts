import { UserError } from '../../core/src/errors.ts';
import type { InputsOf } from '../../core/src/github/inputs.ts';
import { type Environment, inEnvironment, type Service } from '../../core/src/manifest.ts';
import { renderNearMatches } from '../../core/src/near-match.ts';
import type { inputs } from './inputs.ts';
import { overriddenServices } from './overrides.ts';

type Inputs = InputsOf<typeof inputs>;

const DIGEST_REFERENCE = /^\S+@sha256:[0-9a-f]{64}$/;

/** Checks what one input alone cannot tell, before anything is read. */
export function assertOneWay(given: Inputs): void {
  const faults = [
    given.environment === undefined && given['task-definition'] === undefined
      ? 'Give "environment" and "services" (templates of the manifest), or "task-definition" (one template).'
      : '',
    given.environment !== undefined && given['task-definition'] !== undefined
      ? 'Give either "environment" or "task-definition"; both are given.'
      : '',
    given.environment !== undefined && given.services === undefined
      ? '"environment" needs "services", the JSON list that detect-changes gives.'
      : '',
    ...Object.entries(given.images).map(([container, image]) =>
      DIGEST_REFERENCE.test(image)
        ? ''
        : `"images" gives ${container} "${image}": expected an image by digest, repository@sha256:…, as build-and-push gives it.`,
    ),
    ...overriddenServices(given.environment === undefined ? undefined : given.overrides)
      .filter((name) => !(given.services ?? []).some((service) => service.name === name))
      .map((name) => {
        const known = (given.services ?? []).map((service) => service.name);
        return `"overrides" names the service "${name}", which "services" does not have.${renderNearMatches(name, known)}`;
      }),
  ].filter((fault) => fault !== '');
  if (faults.length > 0) throw new UserError('INPUT_CONTRADICTION', faults.join('\n'));
}

/** The template of each service in that environment. Throws, naming every service of the manifest that has none. */
export function sourcesOf(
  services: readonly Service[],
  environment: Environment,
  file: string,
): Readonly<Record<string, string>> {
  const without = services
    .filter(({ taskDefinition }) => taskDefinition === undefined)
    .map(({ name }) => name);
  if (without.length > 0) {
    throw new UserError(
      'TASK_DEFINITION_MISSING',
      `${file} names no "task-definition" for ${without.join(', ')}: add a file, a family or ssm:/{environment}/NAME/task-definition.`,
    );
  }
  const sourceOf = ({ taskDefinition = '' }: Service): string =>
    inEnvironment(taskDefinition, environment.name);
  return Object.fromEntries(services.map((service) => [service.name, sourceOf(service)]));
}
