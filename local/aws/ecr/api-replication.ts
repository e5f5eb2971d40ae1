import type * as ecr from '@aws-sdk/client-ecr';
import { AwsFault } from '../fault.ts';
import type { RequestContext } from '../wire/service.ts';
import { imageNotFound, lookUp } from './api-images.ts';
import { registryOf } from './api-repositories.ts';
import type { Replication } from './replication.ts';
import type { Repositories } from './repositories.ts';

const MOST_RULES = 10;
const MOST_DESTINATIONS = 25;
const MOST_FILTERS = 100;
const REGION = /^[0-9a-z-]{2,25}$/;
const PREFIX = /^(?=.{2,256}$)(?:[a-z0-9]+(?:[._-][a-z0-9]*)*\/)*[a-z0-9]*(?:[._-][a-z0-9]*)*$/;

/** Handlers for the copies that a registry makes in other Regions. */
export function replicationHandlers(repositories: Repositories, replication: Replication) {
  return {
    DescribeRegistry(_input: object, context: RequestContext) {
      const rules = [...replication.rulesOf(context)];
      return { registryId: context.accountId, replicationConfiguration: { rules } };
    },
    PutReplicationConfiguration(input: ecr.PutReplicationConfigurationRequest, context: RequestContext) {
      const { rules = [] } = input.replicationConfiguration ?? {};
      assertRules(rules, context);
      replication.configure(context, rules);
      return { replicationConfiguration: { rules } };
    },
    DescribeImageReplicationStatus(
      input: ecr.DescribeImageReplicationStatusRequest,
      context: RequestContext,
    ) {
      const { repositoryName = '', imageId = {} } = input;
      const repository = repositories.find(registryOf(context, input.registryId), repositoryName);
      const lookup = lookUp(repository, imageId);
      if ('failure' in lookup) throw imageNotFound(repository, imageId);
      const replicationStatuses = (lookup.image.copies ?? []).map(({ accountId, region, failureCode }) => ({
        ...{ registryId: accountId, region },
        ...(failureCode === undefined
          ? { status: 'COMPLETE' as const }
          : { status: 'FAILED' as const, failureCode }),
      }));
      return { repositoryName, imageId, replicationStatuses };
    },
  };
}

/**
 * Throws for what ECR refuses, and for copies to another account, which take that registry's policy.
 * Source: ECR API reference, "ReplicationRule", "ReplicationDestination" and "RepositoryFilter" (read 2026-11).
 */
function assertRules(rules: readonly ecr.ReplicationRule[], { accountId, region }: RequestContext): void {
  const destinations = rules.flatMap((rule) => rule.destinations ?? []);
  const filters = rules.flatMap((rule) => rule.repositoryFilters ?? []);
  if (rules.length > MOST_RULES) throw invalid('rules', `no more than ${MOST_RULES}`);
  if (new Set(destinations.map(placeOf)).size > MOST_DESTINATIONS) {
    throw invalid('destinations', `no more than ${MOST_DESTINATIONS} different ones`);
  }
  for (const rule of rules) {
    const places = (rule.destinations ?? []).map(placeOf);
    if (places.length === 0) throw invalid('destinations', 'at least one');
    if (new Set(places).size < places.length) throw invalid('destinations', 'each once in a rule');
    if ((rule.repositoryFilters ?? []).length > MOST_FILTERS) {
      throw invalid('repositoryFilters', `no more than ${MOST_FILTERS} in a rule`);
    }
  }
  for (const { filter = '', filterType } of filters) {
    if (filterType !== 'PREFIX_MATCH') throw invalid('filterType', 'PREFIX_MATCH');
    if (!PREFIX.test(filter)) throw invalid('filter', `must satisfy regular expression '${PREFIX.source}'`);
  }
  for (const destination of destinations) {
    if (!REGION.test(destination.region ?? '')) {
      throw invalid('region', `must satisfy regular expression '${REGION.source}'`);
    }
    if (destination.registryId !== accountId) {
      const message = `The local AWS does not carry out copies to another account (${destination.registryId}), which take the policy of its registry; write ${accountId}.`;
      throw new AwsFault('UnsupportedParameter', message, 501);
    }
    if (destination.region === region)
      throw invalid('destinations', 'another Region than the registry’s own');
  }
}

const placeOf = ({ registryId, region }: ecr.ReplicationDestination): string => `${registryId}/${region}`;

const invalid = (member: string, constraint: string): AwsFault =>
  new AwsFault(
    'InvalidParameterException',
    `Invalid parameter at 'replicationConfiguration.${member}' failed to satisfy constraint: '${constraint}'`,
  );
