import { AwsFault } from '../fault.ts';
import { matchesPattern } from '../glob.ts';

/** One rule of a lifecycle policy. */
export type LifecycleRule = {
  priority: number;
  tagStatus: 'tagged' | 'untagged' | 'any';
  /** Prefixes or patterns (`*`), of which each must fit one of an image's tags. */
  tagPatterns: string[];
  countType: 'imageCountMoreThan' | 'sinceImagePushed' | 'sinceImagePulled';
  countNumber: number;
  action: 'EXPIRE' | 'TRANSITION';
};

/** What rules look at in an image. Times in epoch milliseconds. */
export type LifecycleImage = { digest: string; tags: readonly string[]; pushedAt: number; pulledAt?: number };

export type LifecycleMark = { digest: string; rule: LifecycleRule };

const DAY_MS = 86_400_000;

/**
 * Reads a lifecycle policy's text, rules by rising priority. Throws `InvalidParameterException`.
 * Source: ECR user guide, "Lifecycle policy properties" (read 2026-11).
 */
export function parseLifecyclePolicy(text: string): LifecycleRule[] {
  const given = recordOf(parseJson(text)).rules;
  if (!Array.isArray(given)) throw invalid("'rules' is not a list");
  const rules = given.map((rule: unknown) => readRule(recordOf(rule)));
  rules.sort((a, b) => a.priority - b.priority);
  for (const [index, rule] of rules.entries()) {
    if (rules[index - 1]?.priority === rule.priority) {
      throw invalid(`the rulePriority ${rule.priority} is given twice`);
    }
    if (rule.tagStatus === 'any' && index < rules.length - 1) {
      throw invalid("a rule with tagStatus 'any' must have the highest rulePriority");
    }
  }
  return rules;
}

function readRule(rule: Record<string, unknown>): LifecycleRule {
  const selection = recordOf(rule.selection);
  const priority = Number(rule.rulePriority);
  if (!Number.isInteger(priority) || priority < 1) throw invalid('each rule needs a rulePriority from 1 on');
  const tagStatus = oneOf(selection.tagStatus, ['tagged', 'untagged', 'any'], 'tagStatus');
  const prefixes = textsOf(selection.tagPrefixList).map((prefix) => `${prefix}*`);
  const tagPatterns = [...prefixes, ...textsOf(selection.tagPatternList)];
  if ((tagStatus === 'tagged') !== tagPatterns.length > 0) {
    throw invalid("tagPrefixList or tagPatternList go with tagStatus 'tagged', and only with it");
  }
  const countTypes = ['imageCountMoreThan', 'sinceImagePushed', 'sinceImagePulled'] as const;
  const countType = oneOf(selection.countType, countTypes, 'countType');
  const countNumber = Number(selection.countNumber);
  if (!Number.isInteger(countNumber) || countNumber < 1)
    throw invalid('countNumber is not a whole number from 1 on');
  const needsDays = countType !== 'imageCountMoreThan';
  if (needsDays !== (selection.countUnit === 'days')) {
    throw invalid(`countUnit must ${needsDays ? "be 'days'" : 'be left out'} with countType '${countType}'`);
  }
  const action = oneOf(recordOf(rule.action).type, ['expire', 'transition'], 'action type');
  return {
    priority,
    tagStatus,
    tagPatterns,
    countType,
    countNumber,
    action: action === 'expire' ? 'EXPIRE' : 'TRANSITION',
  };
}

/**
 * Decides which images a policy would expire or archive. Rules count every image, those that a rule of lower
 * number has marked too, but never mark one again. `held` are digests that an index lists, which stay.
 */
export function markByLifecycle(
  rules: readonly LifecycleRule[],
  images: readonly LifecycleImage[],
  { now, held }: { now: number; held: ReadonlySet<string> },
): LifecycleMark[] {
  const marks = new Map<string, LifecycleMark>();
  for (const rule of rules) {
    const selected = images.filter((image) => isSelected(rule, image));
    for (const { digest } of overdue(rule, selected, now)) {
      if (!marks.has(digest) && !held.has(digest)) marks.set(digest, { digest, rule });
    }
  }
  return [...marks.values()];
}

function isSelected({ tagStatus, tagPatterns }: LifecycleRule, { tags }: LifecycleImage): boolean {
  if (tagStatus === 'any') return true;
  if (tagStatus === 'untagged') return tags.length === 0;
  return tagPatterns.every((pattern) => tags.some((tag) => matchesPattern(pattern, tag)));
}

function overdue(rule: LifecycleRule, images: readonly LifecycleImage[], now: number): LifecycleImage[] {
  const { countType, countNumber } = rule;
  if (countType === 'imageCountMoreThan') {
    return [...images].sort((a, b) => b.pushedAt - a.pushedAt).slice(countNumber);
  }
  const before = now - countNumber * DAY_MS;
  return images.filter(({ pushedAt, pulledAt }) =>
    countType === 'sinceImagePushed' ? pushedAt < before : (pulledAt ?? pushedAt) < before,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('it is not JSON');
  }
}

/** Any object's members; none of anything else. */
const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function oneOf<T extends string>(value: unknown, known: readonly T[], name: string): T {
  const found = known.find((each) => each === value);
  if (found !== undefined) return found;
  throw invalid(`${name} '${String(value)}' is not one of ${known.join(', ')}`);
}

function invalid(why: string): AwsFault {
  return new AwsFault(
    'InvalidParameterException',
    `Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: ${why}'`,
  );
}
