import { AwsFault } from '../../fault.ts';

export const validationError = (message: string) => new AwsFault('ValidationError', message);

/** Refuses what AWS offers and the local load balancer does not; `instead` says what to use. */
export function notOffered(what: string, instead: string): AwsFault {
  return new AwsFault(
    'InvalidConfigurationRequest',
    `${what} is not offered by the local load balancer; ${instead}`,
  );
}

/** Gives a member that AWS requires; `path` is its place, as in `actions.1.member.type`. */
export function present<T>(value: T | undefined, path: string): T {
  if (value !== undefined) return value;
  throw validationError(
    `1 validation error detected: Value null at '${path}' failed to satisfy constraint: Member must not be null`,
  );
}

/** Checks a whole number against the inclusive bounds of the API model. */
export function assertBounds(value: number, path: string, [from, to]: readonly [number, number]): void {
  const constraint =
    value < from
      ? `greater than or equal to ${from}`
      : value > to
        ? `less than or equal to ${to}`
        : undefined;
  if (constraint === undefined) return;
  throw validationError(
    `1 validation error detected: Value '${value}' at '${path}' failed to satisfy constraint: Member must have value ${constraint}`,
  );
}

export function assertOneOf(value: string, path: string, values: readonly string[]): void {
  if (values.includes(value)) return;
  throw validationError(
    `1 validation error detected: Value '${value}' at '${path}' failed to satisfy constraint: Member must satisfy enum value set: [${values.join(', ')}]`,
  );
}

/** The rules for names of load balancers and target groups. */
export function assertName(noun: 'Load balancer' | 'Target group', name: string): void {
  const say = (fault: string) => validationError(`${noun} name '${name}' ${fault}`);
  if (name.length === 0 || name.length > 32) throw say("cannot be longer than '32' characters");
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw say('can only contain characters that are alphanumeric characters or hyphens(-)');
  }
  if (/^-|-$/.test(name)) throw say("cannot begin or end with '-'");
  if (noun === 'Load balancer' && name.startsWith('internal-')) throw say("cannot begin with 'internal-'");
}
