import type { RequestContext } from '../../wire/service.ts';
import type { RepositoryRecord } from '../records.ts';
import { RegistryFault } from './registry-fault.ts';
import type { RegistryPath } from './registry-path.ts';

/** One use of a repository: an action (`ecr:BatchGetImage`) on its ARN. */
export type RegistryUse = { action: string; repositoryArn: string };

/** Gives the sentence of the refusal when a caller may not use a repository so. */
export type RegistryGuard = (caller: RequestContext, use: RegistryUse) => Promise<string | undefined>;

type Asked = { path: Exclude<RegistryPath, { kind: 'ping' }>; method: string; query: URLSearchParams };

/**
 * The permissions of ECR that a request of Docker takes.
 * Source: ECR user guide, "Repository policy examples" and "IAM permissions for pushing an image" (read 2026-11).
 */
export function actionsOf({ path, method, query }: Asked): string[] {
  const isRead = method === 'GET' || method === 'HEAD';
  switch (path.kind) {
    case 'blob':
      return [method === 'HEAD' ? 'ecr:BatchCheckLayerAvailability' : 'ecr:GetDownloadUrlForLayer'];
    case 'uploads':
      return query.has('digest')
        ? ['ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload']
        : ['ecr:InitiateLayerUpload'];
    case 'upload':
      return [method === 'PUT' ? 'ecr:CompleteLayerUpload' : 'ecr:UploadLayerPart'];
    case 'manifest':
      return [isRead ? 'ecr:BatchGetImage' : 'ecr:PutImage'];
    case 'tags':
      return ['ecr:ListImages'];
    case 'referrers':
      return ['ecr:ListImageReferrers'];
  }
}

/** Throws `DENIED` with IAM's sentence where the caller lacks a permission. */
export async function assertAllowed(
  guard: RegistryGuard,
  caller: RequestContext,
  { arn: repositoryArn }: RepositoryRecord,
  actions: readonly string[],
): Promise<void> {
  for (const action of actions) {
    const refusal = await guard(caller, { action, repositoryArn });
    if (refusal !== undefined) throw new RegistryFault('DENIED', refusal, 403);
  }
}

/** A layer is taken over from another repository only for those who could pull it there. */
export async function mayMountFrom(
  guard: RegistryGuard,
  caller: RequestContext,
  { arn: repositoryArn }: RepositoryRecord,
): Promise<boolean> {
  return (await guard(caller, { action: 'ecr:GetDownloadUrlForLayer', repositoryArn })) === undefined;
}
