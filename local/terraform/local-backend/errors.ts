import { ProviderError } from '../protocol/diagnostic.ts';
import { shape, text } from './shape.ts';

const goneNames =
  /NotFound|NoSuch|NotExist|DoesNotExist|ResourceNotFound|NonExistent|Nonexistent|ParameterNotFound|ClusterNotFoundException|ServiceNotFoundException|InvalidAllocationID|InvalidAssociationID|NotFoundFault/;

/** Says whether AWS answered that the thing is not there. */
export function isGone(error: unknown): boolean {
  const { name, Code } = shape(error);
  return goneNames.test(text(name)) || goneNames.test(text(Code));
}

/** Gives an error of a call as Terraform shows it: what was tried, and AWS's own words. */
export function explain(error: unknown, what: string): ProviderError {
  if (error instanceof ProviderError) return error;
  const { name, message } = shape(error);
  const code = text(name) || 'Error';
  return new ProviderError(`The local AWS refused to ${what}`, `${code}: ${text(message) || String(error)}`);
}
