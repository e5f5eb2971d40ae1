import type { Value } from '../../protocol/value.ts';
import type { Rows } from '../row.ts';
import { first, plain, present, type Shape, shape, shapes, text, texts } from '../shape.ts';
import { described, ec2Tags, tagged } from './ec2-looks.ts';

/** Endpoints of AWS services inside a VPC. */
export const endpointRows: Rows = {
  aws_vpc_endpoint: {
    service: 'ec2',
    create: [
      {
        command: 'CreateVpcEndpoint',
        input: (value) =>
          present({
            VpcId: value.vpc_id,
            ServiceName: value.service_name,
            VpcEndpointType: value.vpc_endpoint_type,
            PolicyDocument: value.policy || undefined,
            RouteTableIds: value.route_table_ids,
            SubnetIds: value.subnet_ids,
            SecurityGroupIds: value.security_group_ids,
            PrivateDnsEnabled: value.private_dns_enabled,
            TagSpecifications: tagged('vpc-endpoint', value),
          }),
        result: ({ VpcEndpoint }) => ({ id: plain(shape(VpcEndpoint).VpcEndpointId) }),
      },
    ],
    read: [
      described('DescribeVpcEndpoints', 'VpcEndpointIds', 'VpcEndpoints', (found, { settings }) => {
        if (found.State === 'deleted' || found.State === 'deleting') return null;
        return {
          arn: `arn:aws:ec2:${settings.region}:${settings.accountId}:vpc-endpoint/${text(found.VpcEndpointId)}`,
          private_dns_enabled: found.PrivateDnsEnabled === true,
          route_table_ids: texts(found.RouteTableIds),
          service_name: plain(found.ServiceName),
          state: plain(found.State),
          subnet_ids: texts(found.SubnetIds),
          vpc_endpoint_type: plain(found.VpcEndpointType),
          vpc_id: plain(found.VpcId),
          ...(Array.isArray(found.Groups) && {
            security_group_ids: shapes(found.Groups).map(({ GroupId }) => text(GroupId)),
          }),
        };
      }),
      {
        command: 'DescribeManagedPrefixLists',
        when: ({ vpc_endpoint_type: type }) => type === 'Gateway',
        input: ({ service_name: name }) => ({ Filters: [{ Name: 'prefix-list-name', Values: [name] }] }),
        state: ({ PrefixLists }) => ({ prefix_list_id: plain(first(PrefixLists)?.PrefixListId) }),
      },
    ],
    update: [
      {
        command: 'ModifyVpcEndpoint',
        input: (value, _, prior) =>
          present({
            VpcEndpointId: value.id,
            PolicyDocument: value.policy || undefined,
            PrivateDnsEnabled: value.private_dns_enabled,
            ...difference('RouteTableIds', value.route_table_ids, prior?.route_table_ids),
            ...difference('SubnetIds', value.subnet_ids, prior?.subnet_ids),
            ...difference('SecurityGroupIds', value.security_group_ids, prior?.security_group_ids),
          }),
      },
    ],
    delete: [{ command: 'DeleteVpcEndpoints', input: ({ id }) => ({ VpcEndpointIds: [id] }) }],
    tags: ec2Tags,
  },
};

function difference(noun: string, wanted: Value | undefined, prior: Value | undefined): Shape {
  const [after, before] = [texts(wanted), texts(prior)];
  const added = after.filter((item) => !before.includes(item));
  const removed = before.filter((item) => !after.includes(item));
  return {
    ...(added.length > 0 && { [`Add${noun}`]: added }),
    ...(removed.length > 0 && { [`Remove${noun}`]: removed }),
  };
}
