import type { Tag } from '@aws-sdk/client-ecs';
import type { ScopeRecord } from '../engine/state.ts';
import {
  type EcsApi,
  type EcsHandlers,
  enter,
  findByReference,
  findCluster,
  findService,
  invalid,
} from './entry.ts';

type TagOperations = 'TagResource' | 'UntagResource' | 'ListTagsForResource';

const MOST_TAGS = 50;

/** TagResource, UntagResource, ListTagsForResource: for clusters, services, tasks and task definitions. */
export function tagHandlers(api: EcsApi): Pick<EcsHandlers, TagOperations> {
  return {
    TagResource(input, context) {
      const scope = enter(api, context);
      const arn = requireResource(scope, input.resourceArn);
      const merged = new Map(tagsOf(scope, arn).map((tag) => [tag.key, tag]));
      for (const tag of input.tags ?? []) merged.set(tag.key, tag);
      setTags(scope, arn, [...merged.values()]);
      return {};
    },

    UntagResource(input, context) {
      const scope = enter(api, context);
      const arn = requireResource(scope, input.resourceArn);
      const keys = new Set(input.tagKeys);
      setTags(
        scope,
        arn,
        tagsOf(scope, arn).filter(({ key = '' }) => !keys.has(key)),
      );
      return {};
    },

    ListTagsForResource(input, context) {
      const scope = enter(api, context);
      return { tags: tagsOf(scope, requireResource(scope, input.resourceArn)) };
    },
  };
}

export function tagsOf(scope: ScopeRecord, arn: string): Tag[] {
  return scope.tags[arn] ?? [];
}

/** Replaces a resource's tags; `undefined` leaves them. */
export function setTags(scope: ScopeRecord, arn: string, tags: readonly Tag[] | undefined): void {
  if (tags === undefined) return;
  for (const { key = '', value = '' } of tags) {
    if (key.length < 1 || key.length > 128 || value.length > 256) {
      throw invalid('Tag keys have 1 to 128 characters and tag values at most 256.');
    }
  }
  if (tags.length > MOST_TAGS) throw invalid(`A resource has at most ${MOST_TAGS} tags.`);
  scope.tags[arn] = tags.map(({ key = '', value = '' }) => ({ key, value }));
}

function requireResource(scope: ScopeRecord, arn = ''): string {
  const resource = arn.split(':').slice(5).join(':');
  const [kind, cluster = ''] = resource.split('/');
  if (!arn.startsWith('arn:') || kind === undefined) {
    throw invalid(`The specified ARN is not valid: ${arn}`);
  }
  if (!isThere(scope, kind, cluster, arn)) throw invalid('The specified resource is not found.');
  return arn;
}

function isThere(scope: ScopeRecord, kind: string, clusterName: string, arn: string): boolean {
  if (kind === 'task-definition') return findByReference(scope, arn) !== undefined;
  if (kind === 'cluster') return findCluster(scope, arn) !== undefined;
  const cluster = scope.clusters[clusterName];
  if (cluster === undefined) return false;
  if (kind === 'service') return findService({ scope, cluster }, arn) !== undefined;
  return kind === 'task' && Object.values(cluster.tasks).some((task) => task.arn === arn);
}
