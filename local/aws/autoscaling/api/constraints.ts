import { AwsFault } from '../../fault.ts';

/** A value of a request that breaks a rule, or nothing. */
export type Violation = string | undefined;

export function invalid(message: string): AwsFault {
  return new AwsFault('ValidationException', message);
}

/** Throws AWS's list of what is wrong with a request, all of it at once. */
export function assertValid(violations: readonly Violation[]): void {
  const found = violations.filter((violation) => violation !== undefined);
  if (found.length === 0) return;
  const errors = found.length === 1 ? '1 validation error' : `${found.length} validation errors`;
  throw invalid(`${errors} detected: ${found.join('; ')}`);
}

/** How requests are refused that are no input of their operation. */
export const SCALING_REFUSALS = { refuseMissing: refuseNulls, refuseInvalid: invalid };

/** The refusal of a request that lacks required members; `members` as the schema writes them. */
function refuseNulls(members: readonly string[]): AwsFault {
  const nulls = members.map((member) => violation(member, undefined, 'Member must not be null'));
  const errors = nulls.length === 1 ? '1 validation error' : `${nulls.length} validation errors`;
  return invalid(`${errors} detected: ${nulls.join('; ')}`);
}

export function mustBeOneOf(member: string, value: string | undefined, allowed: object): Violation {
  const names: unknown[] = Object.values(allowed);
  if (value === undefined || names.includes(value)) return undefined;
  return violation(member, value, `Member must satisfy enum value set: [${names.join(', ')}]`);
}

/** `most` and `least` are inclusive. */
export function mustBeWithin(
  member: string,
  value: number | undefined,
  { least, most }: { least: number; most: number },
): Violation {
  if (value === undefined) return undefined;
  if (value < least)
    return violation(member, value, `Member must have value greater than or equal to ${least}`);
  if (value > most) return violation(member, value, `Member must have value less than or equal to ${most}`);
  return undefined;
}

export function mustHaveLength(
  member: string,
  value: string | undefined,
  { least = 1, most }: { least?: number; most: number },
): Violation {
  if (value === undefined) return undefined;
  if (value.length < least)
    return violation(member, value, `Member must have length greater than or equal to ${least}`);
  if (value.length > most)
    return violation(member, value, `Member must have length less than or equal to ${most}`);
  return undefined;
}

export function mustMatch(member: string, value: string | undefined, pattern: string): Violation {
  if (value === undefined || new RegExp(`^${pattern}$`, 'u').test(value)) return undefined;
  return violation(member, value, `Member must satisfy regular expression pattern: ${pattern}`);
}

function violation(member: string, value: string | number | undefined, rule: string): string {
  const shown = value === undefined ? 'null' : `'${value}'`;
  // A path's members begin with a small letter, each of them: `stepScalingPolicyConfiguration.cooldown`.
  const path = member.replace(
    /(^|\.)([A-Z])/g,
    (_match, dot: string, letter: string) => dot + letter.toLowerCase(),
  );
  return `Value ${shown} at '${path}' failed to satisfy constraint: ${rule}`;
}
