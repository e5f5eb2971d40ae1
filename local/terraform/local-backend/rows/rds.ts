import { isList, type ObjectValue } from '../../protocol/value.ts';
import type { At, Known, Rows, Step } from '../row.ts';
import { first, plain, present, type Shape, shape, shapes, text } from '../shape.ts';
import { allTags, tagList, tagsByArn } from '../tags.ts';

const rdsTags = tagsByArn(
  { arn: 'ResourceName', tags: 'Tags', keys: 'TagKeys', style: 'pascal' },
  { read: 'ListTagsForResource', set: 'AddTagsToResource', unset: 'RemoveTagsFromResource' },
);

/** Database instances with their groups; records, with the address of a real server where there is one. */
export const rdsRows: Rows = {
  aws_db_instance: {
    service: 'rds',
    create: [
      {
        command: 'CreateDBInstance',
        input: databaseInput,
        result: ({ DBInstance }, value) => ({
          id: plain(shape(DBInstance).DbiResourceId) ?? value.identifier ?? null,
        }),
      },
    ],
    read: [
      {
        command: 'DescribeDBInstances',
        input: ({ identifier, id }) => ({ DBInstanceIdentifier: identifier ?? id }),
        state: ({ DBInstances }, value, at) => databaseState(first(DBInstances), value, at),
      },
    ],
    update: [
      {
        command: 'ModifyDBInstance',
        input: (value) => {
          const {
            DBName: _,
            Engine: _engine,
            MasterUsername: _user,
            Tags: _tags,
            ...input
          } = databaseInput(value);
          return { ...input, ApplyImmediately: true };
        },
      },
    ],
    delete: [
      {
        command: 'DeleteDBInstance',
        input: ({ identifier, skip_final_snapshot: isSkipped, final_snapshot_identifier: name }) =>
          isSkipped === true
            ? { DBInstanceIdentifier: identifier, SkipFinalSnapshot: true }
            : { DBInstanceIdentifier: identifier, FinalDBSnapshotIdentifier: name },
      },
    ],
    tags: rdsTags,
    import: (id) => ({ identifier: id }),
  },
  aws_db_subnet_group: {
    service: 'rds',
    create: [
      {
        command: 'CreateDBSubnetGroup',
        input: (value) => ({ ...subnetGroup(value), Tags: tagList(allTags(value)) }),
        result: (_, { name }) => ({ id: name ?? null }),
      },
    ],
    read: [
      {
        command: 'DescribeDBSubnetGroups',
        input: ({ id }) => ({ DBSubnetGroupName: id }),
        state: ({ DBSubnetGroups }, { id }, at) => {
          const found = first(DBSubnetGroups);
          return found
            ? {
                ...subnetGroupState(found),
                name: id ?? null,
                arn: plain(found.DBSubnetGroupArn) ?? arnAt(at, 'rds', `subgrp:${text(id)}`),
              }
            : null;
        },
      },
    ],
    update: [
      {
        command: 'ModifyDBSubnetGroup',
        names: ['subnet_ids', 'description'],
        input: (value) => subnetGroup(value),
      },
    ],
    delete: [{ command: 'DeleteDBSubnetGroup', input: ({ id }) => ({ DBSubnetGroupName: id }) }],
    tags: rdsTags,
    import: (id) => ({ name: id }),
  },
  aws_db_parameter_group: {
    service: 'rds',
    create: [
      {
        command: 'CreateDBParameterGroup',
        input: (value) =>
          present({
            DBParameterGroupName: value.name,
            DBParameterGroupFamily: value.family,
            Description: value.description,
            Tags: tagList(allTags(value)),
          }),
        result: (_, { name }) => ({ id: name ?? null }),
      },
      parameters(),
    ],
    read: [
      {
        command: 'DescribeDBParameterGroups',
        input: ({ id }) => ({ DBParameterGroupName: id }),
        state: ({ DBParameterGroups }, { id }, at) => {
          const found = first(DBParameterGroups);
          if (found === undefined) return null;
          return {
            arn: plain(found.DBParameterGroupArn) ?? arnAt(at, 'rds', `pg:${text(id)}`),
            description: plain(found.Description),
            family: plain(found.DBParameterGroupFamily),
            name: id ?? null,
          };
        },
      },
    ],
    update: [{ ...parameters(), names: ['parameter'] }],
    delete: [{ command: 'DeleteDBParameterGroup', input: ({ id }) => ({ DBParameterGroupName: id }) }],
    tags: rdsTags,
    import: (id) => ({ name: id }),
  },
};

function arnAt({ settings }: At, service: string, rest: string): string {
  return `arn:aws:${service}:${settings.region}:${settings.accountId}:${rest}`;
}

function databaseInput(value: Known): Shape {
  return present({
    DBInstanceIdentifier: value.identifier,
    DBInstanceClass: value.instance_class,
    Engine: value.engine,
    EngineVersion: value.engine_version,
    AllocatedStorage: value.allocated_storage,
    BackupRetentionPeriod: value.backup_retention_period,
    DBName: value.db_name || undefined,
    DBParameterGroupName: value.parameter_group_name || undefined,
    DBSubnetGroupName: value.db_subnet_group_name || undefined,
    DeletionProtection: value.deletion_protection,
    KmsKeyId: value.kms_key_id || undefined,
    ManageMasterUserPassword: value.manage_master_user_password ?? undefined,
    MasterUsername: value.username || undefined,
    MasterUserPassword: value.password_wo ?? value.password ?? undefined,
    MultiAZ: value.multi_az ?? undefined,
    Port: value.port ?? undefined,
    PubliclyAccessible: value.publicly_accessible,
    StorageEncrypted: value.storage_encrypted,
    StorageType: value.storage_type || undefined,
    VpcSecurityGroupIds: value.vpc_security_group_ids ?? undefined,
    Tags: tagList(allTags(value)),
  });
}

/** Where a Postgres server stands for the instance, its address is the instance's. */
function databaseState(found: Shape | undefined, value: Known, { options }: At): ObjectValue | null {
  if (found === undefined || found.DBInstanceStatus === 'deleting') return null;
  const endpoint = shape(found.Endpoint);
  const { host, port } = options.postgres ?? {
    host: text(endpoint.Address),
    port: Number(endpoint.Port ?? 5432),
  };
  const secret = shape(found.MasterUserSecret);
  return {
    address: host,
    arn: plain(found.DBInstanceArn),
    backup_retention_period: plain(found.BackupRetentionPeriod),
    db_name: plain(found.DBName),
    deletion_protection: found.DeletionProtection === true,
    endpoint: `${host}:${port}`,
    engine: plain(found.Engine),
    identifier: plain(found.DBInstanceIdentifier),
    instance_class: plain(found.DBInstanceClass),
    master_user_secret: secret.SecretArn
      ? [
          {
            kms_key_id: plain(secret.KmsKeyId),
            secret_arn: plain(secret.SecretArn),
            secret_status: plain(secret.SecretStatus),
          },
        ]
      : [],
    multi_az: found.MultiAZ === true,
    port: value.port ?? plain(endpoint.Port) ?? port,
    publicly_accessible: found.PubliclyAccessible === true,
    resource_id: plain(found.DbiResourceId),
    status: plain(found.DBInstanceStatus),
    storage_encrypted: found.StorageEncrypted === true,
    username: plain(found.MasterUsername),
  };
}

function parameters(): Step {
  return {
    command: 'ModifyDBParameterGroup',
    when: ({ parameter }) => isList(parameter) && parameter.length > 0,
    input: ({ id, parameter }) => ({
      DBParameterGroupName: id,
      Parameters: shapes(parameter).map(({ name, value, apply_method: method }) => ({
        ParameterName: name,
        ParameterValue: value,
        ApplyMethod: method ?? 'immediate',
      })),
    }),
  };
}

function subnetGroup(value: Known): Shape {
  return {
    DBSubnetGroupName: value.name,
    DBSubnetGroupDescription: value.description,
    SubnetIds: value.subnet_ids,
  };
}

function subnetGroupState(found: Shape): ObjectValue {
  return {
    description: plain(found.DBSubnetGroupDescription),
    subnet_ids: shapes(found.Subnets).map(({ SubnetIdentifier }) => text(SubnetIdentifier)),
    vpc_id: plain(found.VpcId),
  };
}
