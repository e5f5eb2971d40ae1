import type { ImageTagMutability, ImageTagMutabilityExclusionFilter } from '@aws-sdk/client-ecr';
import { AwsFault } from '../fault.ts';
import { matchesPattern } from '../glob.ts';

/** What a repository says of moving tags. */
export type Mutability = {
  tagMutability: ImageTagMutability;
  /** Tags that are exempt, with `*` as wildcard. */
  tagMutabilityExclusions: ImageTagMutabilityExclusionFilter[];
};

const MOST_FILTERS = 5;

/** Whether a tag may not move, by the repository's setting and its exclusion filters. */
export function isImmutable({ tagMutability, tagMutabilityExclusions }: Mutability, tag: string): boolean {
  const excluded = tagMutabilityExclusions.some(({ filter }) => matchesPattern(filter ?? '', tag));
  switch (tagMutability) {
    case 'IMMUTABLE':
      return true;
    case 'IMMUTABLE_WITH_EXCLUSION':
      return !excluded;
    case 'MUTABLE_WITH_EXCLUSION':
      return excluded;
    default:
      return false;
  }
}

/**
 * Checks a setting: filters go with the two `…_WITH_EXCLUSION` values and with no other. Throws
 * `InvalidParameterException`. Source: ECR API, ImageTagMutabilityExclusionFilter (read 2026-11).
 */
export function readMutability(
  tagMutability: ImageTagMutability = 'MUTABLE',
  filters: readonly ImageTagMutabilityExclusionFilter[] = [],
): Mutability {
  const takesFilters = tagMutability.endsWith('_WITH_EXCLUSION');
  if (takesFilters && filters.length === 0) {
    throw invalid(`'${tagMutability}' needs at least one exclusion filter`);
  }
  if (!takesFilters && filters.length > 0) {
    throw invalid(`exclusion filters go with '${tagMutability}_WITH_EXCLUSION', not with '${tagMutability}'`);
  }
  if (filters.length > MOST_FILTERS) throw invalid(`there can be at most ${MOST_FILTERS} filters`);
  for (const { filter = '', filterType } of filters) {
    if (filterType !== 'WILDCARD') throw invalid(`the filter type '${filterType}' is not WILDCARD`);
    if (!/^[0-9a-zA-Z._*-]{1,128}$/.test(filter)) {
      throw invalid(`the filter '${filter}' is not 1-128 letters, digits, '.', '_', '-' or '*'`);
    }
    if (filter.split('*').length > 3) throw invalid(`the filter '${filter}' has more than two wildcards`);
  }
  return { tagMutability, tagMutabilityExclusions: [...filters] };
}

function invalid(why: string): AwsFault {
  return new AwsFault(
    'InvalidParameterException',
    `Invalid parameter at 'imageTagMutabilityExclusionFilters': ${why}.`,
  );
}
