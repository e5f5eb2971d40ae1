import type { ObjectValue } from '../../protocol/value.ts';
import type { Rows } from '../row.ts';
import { first, plain, present, type Shape, shape, shapes, text } from '../shape.ts';
import { tagsOf } from '../tags.ts';
import { ec2Tags, tagged } from './ec2-looks.ts';

/** Instances, as far as a NAT instance needs them. */
export const instanceRows: Rows = {
  aws_instance: {
    service: 'ec2',
    create: [
      {
        command: 'RunInstances',
        input: (value) =>
          present({
            ImageId: value.ami,
            InstanceType: value.instance_type,
            MinCount: 1,
            MaxCount: 1,
            SubnetId: value.subnet_id,
            SecurityGroupIds: value.vpc_security_group_ids,
            TagSpecifications: tagged('instance', value),
          }),
        result: ({ Instances }) => ({ id: plain(first(Instances)?.InstanceId) }),
      },
      {
        command: 'ModifyInstanceAttribute',
        when: ({ source_dest_check: checks }) => checks === false,
        input: ({ id }) => ({ InstanceId: id, SourceDestCheck: { Value: false } }),
      },
    ],
    read: [
      {
        command: 'DescribeInstances',
        input: ({ id }) => ({ InstanceIds: [id] }),
        state: ({ Reservations }, _, { settings }) =>
          instanceState(first(first(Reservations)?.Instances), settings),
      },
    ],
    delete: [{ command: 'TerminateInstances', input: ({ id }) => ({ InstanceIds: [id] }) }],
    tags: ec2Tags,
  },
};

function instanceState(
  found: Shape | undefined,
  { region, accountId }: { region: string; accountId: string },
): ObjectValue | null {
  const state = text(shape(found?.State).Name);
  if (found === undefined || state === 'terminated' || state === 'shutting-down') return null;
  return {
    ami: plain(found.ImageId),
    arn: `arn:aws:ec2:${region}:${accountId}:instance/${text(found.InstanceId)}`,
    availability_zone: plain(shape(found.Placement).AvailabilityZone),
    instance_state: state,
    instance_type: plain(found.InstanceType),
    primary_network_interface_id: plain(first(found.NetworkInterfaces)?.NetworkInterfaceId),
    private_ip: plain(found.PrivateIpAddress),
    public_ip: plain(found.PublicIpAddress),
    source_dest_check: found.SourceDestCheck !== false,
    subnet_id: plain(found.SubnetId),
    vpc_security_group_ids: shapes(found.SecurityGroups).map(({ GroupId }) => text(GroupId)),
    tags: tagsOf(found.Tags),
  };
}
