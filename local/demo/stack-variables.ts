import { ENVIRONMENT, SERVICES } from './caller.ts';
import { PACK, REPOSITORY } from './caller-run.ts';

const PROJECT = 'shop';
const [owner, repository] = REPOSITORY.repository.split('/');
const rehearsed = { project: PROJECT, environment: ENVIRONMENT, rehearsal: true };

/** Input variables of the rehearsal's three stacks. */
export const STACK_VARIABLES = {
  bootstrap: {
    project: PROJECT,
    github: {
      ...{ owner, repository },
      owner_id: String(REPOSITORY.repositoryOwnerId),
      repository_id: String(REPOSITORY.repositoryId),
      pack: PACK.packName,
    },
    environments: { [ENVIRONMENT]: { services: Object.fromEntries(SERVICES.map((name) => [name, {}])) } },
  },
  foundation: rehearsed,
  services: { ...rehearsed, services: SERVICES },
};
