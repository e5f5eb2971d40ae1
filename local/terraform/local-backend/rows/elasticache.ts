import type { ObjectValue } from '../../protocol/value.ts';
import type { At, Known, Rows } from '../row.ts';
import { first, plain, present, type Shape, shape, text, texts } from '../shape.ts';
import { allTags, tagList } from '../tags.ts';

/** Caches; records, with the address of a real server where there is one. */
export const elasticacheRows: Rows = {
  aws_elasticache_replication_group: {
    service: 'elasticache',
    create: [
      {
        command: 'CreateReplicationGroup',
        input: (value) => ({ ...cacheInput(value), Tags: tagList(allTags(value)) }),
        result: (_, { replication_group_id: id }) => ({ id: id ?? null }),
      },
    ],
    read: [
      {
        command: 'DescribeReplicationGroups',
        input: ({ id }) => ({ ReplicationGroupId: id }),
        state: ({ ReplicationGroups }, value, at) => cacheState(first(ReplicationGroups), value, at),
      },
    ],
    delete: [
      {
        command: 'DeleteReplicationGroup',
        input: ({ id }) => ({ ReplicationGroupId: id, RetainPrimaryCluster: false }),
      },
    ],
    import: (id) => ({ replication_group_id: id }),
  },
};

function cacheInput(value: Known): Shape {
  return present({
    ReplicationGroupId: value.replication_group_id,
    ReplicationGroupDescription: value.description,
    AtRestEncryptionEnabled:
      value.at_rest_encryption_enabled === null
        ? undefined
        : text(value.at_rest_encryption_enabled) === 'true',
    AuthToken: value.auth_token_wo ?? value.auth_token ?? undefined,
    AutomaticFailoverEnabled: value.automatic_failover_enabled,
    CacheNodeType: value.node_type || undefined,
    Engine: value.engine || undefined,
    EngineVersion: value.engine_version || undefined,
    KmsKeyId: value.kms_key_id || undefined,
    MultiAZEnabled: value.multi_az_enabled,
    NumCacheClusters: value.num_cache_clusters ?? undefined,
    NumNodeGroups: value.num_node_groups ?? undefined,
    Port: value.port ?? undefined,
    ReplicasPerNodeGroup: value.replicas_per_node_group ?? undefined,
    SecurityGroupIds: value.security_group_ids ?? undefined,
    TransitEncryptionEnabled: value.transit_encryption_enabled ?? undefined,
  });
}

/** Where a Redis server stands for the group, its address is the group's. */
function cacheState(found: Shape | undefined, value: Known, { options }: At): ObjectValue | null {
  if (found === undefined || found.Status === 'deleting') return null;
  const group = first(found.NodeGroups) ?? {};
  const primary = options.redis?.host ?? text(shape(group.PrimaryEndpoint).Address);
  const reader = options.redis?.host ?? text(shape(group.ReaderEndpoint).Address);
  return {
    arn: plain(found.ARN),
    description: plain(found.Description),
    member_clusters: texts(found.MemberClusters),
    port: value.port ?? options.redis?.port ?? 6379,
    primary_endpoint_address: primary,
    reader_endpoint_address: reader,
    replication_group_id: plain(found.ReplicationGroupId),
  };
}
