/** Gives the next number in [0, 1). */
export type Random = () => number;

const HEX = '0123456789abcdef';
const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function draw(random: Random, alphabet: string, length: number): string {
  let text = '';
  for (let index = 0; index < length; index++) text += alphabet[Math.floor(random() * alphabet.length)];
  return text;
}

/** 32 hex digits. */
export const newTaskId = (random: Random): string => draw(random, HEX, 32);

/** `ecs-svc/` and 19 digits, the first not zero. */
export const newDeploymentId = (random: Random): string => `ecs-svc/${newRevisionId(random)}`;

/** 19 digits, the first not zero. */
export const newRevisionId = (random: Random): string =>
  draw(random, '123456789', 1) + draw(random, DIGITS, 18);

/** 21 letters, digits, `-` and `_`. */
export const newServiceDeploymentId = (random: Random): string => draw(random, LETTERS, 21);

export function newUuid(random: Random): string {
  const part = (length: number) => draw(random, HEX, length);
  return `${part(8)}-${part(4)}-${part(4)}-${part(4)}-${part(12)}`;
}

/** `eni-…`, `subnet-…` and their like: 17 hex digits. */
export const newResourceId = (random: Random, kind: string): string => `${kind}-${draw(random, HEX, 17)}`;

/** `arn:aws:ecs:<region>:<account>:<resource>`. */
export function ecsArn(scope: { accountId: string; region: string }, resource: string): string {
  return `arn:aws:ecs:${scope.region}:${scope.accountId}:${resource}`;
}

/** The last part of an ARN or path: the name of a cluster or service, the id of a task. */
export function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** The address of the n-th task, counted from 0: `10.0.0.4` and up, without .0 to .3 and .255 of any /24. */
export function privateAddress(n: number): string {
  const perBlock = 251;
  const block = Math.floor(n / perBlock);
  return `10.${Math.floor(block / 256) % 256}.${block % 256}.${4 + (n % perBlock)}`;
}
