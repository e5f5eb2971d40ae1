import { ScanStatus } from '@aws-sdk/client-ecr';
import { AwsFault } from '../fault.ts';
import { lookUp } from './api-images.ts';
import type { RepositoryRecord } from './records.ts';
import type { Repositories } from './repositories.ts';
import { cleanOutcome, type ScanOutcome } from './scan.ts';

/** An admin call, `path` as it follows `/_berth/ecr`. */
export type AdminCall = { method: string; path: string; body: string };

/** Which image the call is about; without tag and digest all of the repository's, those to come too. */
type Subject = { repository: RepositoryRecord; id: { imageTag?: string; imageDigest?: string } | undefined };

const ROUTE = '/scan-findings';

/**
 * Answers admin calls: `PUT /_berth/ecr/scan-findings` sets what scans find, see README.md. A scan that is
 * there already changes at once.
 */
export function createAdmin(repositories: Repositories, where: { accountId: string; region: string }) {
  return async ({ method, path, body }: AdminCall): Promise<{ status: number; body: string }> => {
    if (path !== ROUTE || method !== 'PUT') {
      return refused(404, `There is no ${method} /_berth/ecr${path}; use PUT /_berth/ecr${ROUTE}.`);
    }
    try {
      const given = parse(body);
      setOutcome(readSubject(repositories, where, given), readOutcome(given));
      return { status: 200, body: '{}' };
    } catch (error) {
      if (error instanceof AwsFault) return refused(error.status, error.message);
      throw error;
    }
  };
}

const refused = (status: number, message: string) => ({ status, body: JSON.stringify({ message }) });

type Given = Record<string, unknown>;

const invalid = (message: string) => new AwsFault('InvalidParameterException', message);

function parse(body: string): Given {
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch {
    throw invalid('The body is not JSON.');
  }
  if (typeof given !== 'object' || given === null) throw invalid('The body is not a JSON object.');
  const known = ['accountId', 'region', 'repositoryName', 'imageTag', 'imageDigest', ...outcomeMembers];
  const odd = Object.keys(given).find((name) => !known.includes(name));
  if (odd !== undefined) throw invalid(`The member '${odd}' is unknown; it is one of ${known.join(', ')}.`);
  return { ...given };
}

const outcomeMembers = ['status', 'description', 'findings', 'enhancedFindings'];

function readSubject(
  repositories: Repositories,
  where: { accountId: string; region: string },
  given: Given,
): Subject {
  const accountId = optionalText(given, 'accountId') ?? where.accountId;
  const region = optionalText(given, 'region') ?? where.region;
  const repository = repositories.find({ accountId, region }, optionalText(given, 'repositoryName') ?? '');
  const [imageTag, imageDigest] = [optionalText(given, 'imageTag'), optionalText(given, 'imageDigest')];
  if (imageTag === undefined && imageDigest === undefined) return { repository, id: undefined };
  return { repository, id: { ...(imageTag && { imageTag }), ...(imageDigest && { imageDigest }) } };
}

function readOutcome(given: Given): ScanOutcome {
  const wanted = optionalText(given, 'status') ?? 'COMPLETE';
  const status = Object.values(ScanStatus).find((known) => known === wanted);
  if (!status) throw invalid(`The status '${wanted}' is not one of ${Object.values(ScanStatus).join(', ')}.`);
  const description = optionalText(given, 'description');
  return {
    ...cleanOutcome,
    status,
    ...(description === undefined ? {} : { description }),
    findings: listOf(given, 'findings'),
    enhancedFindings: listOf(given, 'enhancedFindings'),
  };
}

function optionalText(given: Given, name: string): string | undefined {
  const value = given[name];
  if (value === undefined || typeof value === 'string') return value;
  throw invalid(`The member '${name}' is not a text.`);
}

function listOf(given: Given, name: 'findings' | 'enhancedFindings'): object[] {
  const list = given[name] ?? [];
  if (Array.isArray(list) && list.every((item) => typeof item === 'object' && item !== null)) return list;
  throw invalid(`The member '${name}' is not a list of objects.`);
}

function setOutcome({ repository, id }: Subject, outcome: ScanOutcome): void {
  if (!id) {
    repository.scanOutcome = outcome;
    for (const { scan, scanOutcome } of repository.imagesByDigest.values()) {
      if (scan && !scanOutcome) scan.outcome = outcome;
    }
    return;
  }
  const lookup = lookUp(repository, id);
  if ('failure' in lookup) throw invalid(`${lookup.failure.failureReason}: ${JSON.stringify(id)}.`);
  lookup.image.scanOutcome = outcome;
  if (lookup.image.scan) lookup.image.scan.outcome = outcome;
}
