import type { ObjectValue } from '../../protocol/value.ts';
import type { Look, Rows, Step } from '../row.ts';
import { fromSdk, pascal } from '../sdk-names.ts';
import { first, plain, present, type Shape, shape, text } from '../shape.ts';
import { described, ec2Tags, tagged } from './ec2-looks.ts';

/** VPCs, subnets, gateways and addresses. */
export const networkRows: Rows = {
  aws_vpc: {
    service: 'ec2',
    create: [
      {
        command: 'CreateVpc',
        input: (value) =>
          present({
            CidrBlock: value.cidr_block,
            InstanceTenancy: value.instance_tenancy,
            TagSpecifications: tagged('vpc', value),
          }),
        result: ({ Vpc }) => ({ id: plain(shape(Vpc).VpcId) }),
      },
      vpcAttribute('enable_dns_support', 'EnableDnsSupport'),
      vpcAttribute('enable_dns_hostnames', 'EnableDnsHostnames'),
    ],
    read: [
      described('DescribeVpcs', 'VpcIds', 'Vpcs', (found, { settings }) => ({
        arn: `arn:aws:ec2:${settings.region}:${settings.accountId}:vpc/${text(found.VpcId)}`,
        cidr_block: plain(found.CidrBlock),
        dhcp_options_id: plain(found.DhcpOptionsId),
        instance_tenancy: plain(found.InstanceTenancy),
        owner_id: plain(found.OwnerId),
        assign_generated_ipv6_cidr_block: false,
      })),
      vpcFlag('enable_dns_support', 'enableDnsSupport', 'EnableDnsSupport'),
      vpcFlag('enable_dns_hostnames', 'enableDnsHostnames', 'EnableDnsHostnames'),
      ofVpc('DescribeSecurityGroups', 'SecurityGroups', { 'group-name': 'default' }, (found) => ({
        default_security_group_id: plain(found.GroupId),
      })),
      ofVpc('DescribeRouteTables', 'RouteTables', { 'association.main': 'true' }, (found) => ({
        default_route_table_id: plain(found.RouteTableId),
        main_route_table_id: plain(found.RouteTableId),
      })),
      ofVpc('DescribeNetworkAcls', 'NetworkAcls', { default: 'true' }, (found) => ({
        default_network_acl_id: plain(found.NetworkAclId),
      })),
    ],
    update: [
      { ...vpcAttribute('enable_dns_support', 'EnableDnsSupport'), names: ['enable_dns_support'] },
      { ...vpcAttribute('enable_dns_hostnames', 'EnableDnsHostnames'), names: ['enable_dns_hostnames'] },
    ],
    delete: [{ command: 'DeleteVpc', input: ({ id }) => ({ VpcId: id }) }],
    tags: ec2Tags,
  },
  aws_subnet: {
    service: 'ec2',
    create: [
      {
        command: 'CreateSubnet',
        input: (value) =>
          present({
            VpcId: value.vpc_id,
            CidrBlock: value.cidr_block,
            AvailabilityZone: value.availability_zone,
            AvailabilityZoneId: value.availability_zone ? undefined : value.availability_zone_id,
            TagSpecifications: tagged('subnet', value),
          }),
        result: ({ Subnet }) => ({ id: plain(shape(Subnet).SubnetId) }),
      },
      publicAddresses(),
    ],
    read: [
      described('DescribeSubnets', 'SubnetIds', 'Subnets', (found, { block }) => ({
        ...fromSdk(block, found, pascal, [
          'availability_zone',
          'availability_zone_id',
          'cidr_block',
          'map_public_ip_on_launch',
          'owner_id',
          'vpc_id',
        ]),
        arn: plain(found.SubnetArn),
      })),
    ],
    update: [{ ...publicAddresses(), names: ['map_public_ip_on_launch'] }],
    delete: [{ command: 'DeleteSubnet', input: ({ id }) => ({ SubnetId: id }) }],
    tags: ec2Tags,
  },
  aws_internet_gateway: {
    service: 'ec2',
    create: [
      {
        command: 'CreateInternetGateway',
        input: (value) => present({ TagSpecifications: tagged('internet-gateway', value) }),
        result: ({ InternetGateway }) => ({ id: plain(shape(InternetGateway).InternetGatewayId) }),
      },
      {
        command: 'AttachInternetGateway',
        when: ({ vpc_id: vpc }) => Boolean(vpc),
        input: ({ id, vpc_id: vpc }) => ({ InternetGatewayId: id, VpcId: vpc }),
      },
    ],
    read: [
      described(
        'DescribeInternetGateways',
        'InternetGatewayIds',
        'InternetGateways',
        (found, { settings }) => ({
          arn: `arn:aws:ec2:${settings.region}:${settings.accountId}:internet-gateway/${text(found.InternetGatewayId)}`,
          owner_id: settings.accountId,
          vpc_id: plain(first(found.Attachments)?.VpcId),
        }),
      ),
    ],
    delete: [
      {
        command: 'DetachInternetGateway',
        when: ({ vpc_id: vpc }) => Boolean(vpc),
        input: ({ id, vpc_id: vpc }) => ({ InternetGatewayId: id, VpcId: vpc }),
      },
      { command: 'DeleteInternetGateway', input: ({ id }) => ({ InternetGatewayId: id }) },
    ],
    tags: ec2Tags,
  },
  aws_eip: {
    service: 'ec2',
    create: [
      {
        command: 'AllocateAddress',
        input: (value) =>
          present({ Domain: value.domain ?? 'vpc', TagSpecifications: tagged('elastic-ip', value) }),
        result: ({ AllocationId }) => ({ id: plain(AllocationId) }),
      },
      associateAddress(),
    ],
    read: [
      described('DescribeAddresses', 'AllocationIds', 'Addresses', (found, { settings }) => ({
        allocation_id: plain(found.AllocationId),
        arn: `arn:aws:ec2:${settings.region}:${settings.accountId}:elastic-ip/${text(found.AllocationId)}`,
        domain: text(found.Domain) || 'vpc',
        public_ip: plain(found.PublicIp),
        public_dns: `ec2-${text(found.PublicIp).replaceAll('.', '-')}.compute-1.amazonaws.com`,
      })),
    ],
    update: [{ ...associateAddress(), names: ['instance', 'network_interface'] }],
    delete: [{ command: 'ReleaseAddress', input: ({ id }) => ({ AllocationId: id }) }],
    tags: ec2Tags,
  },
  aws_nat_gateway: {
    service: 'ec2',
    create: [
      {
        command: 'CreateNatGateway',
        input: (value) =>
          present({
            SubnetId: value.subnet_id,
            AllocationId: value.allocation_id,
            ConnectivityType: value.connectivity_type,
            TagSpecifications: tagged('natgateway', value),
          }),
        result: ({ NatGateway }) => ({ id: plain(shape(NatGateway).NatGatewayId) }),
      },
    ],
    read: [
      described('DescribeNatGateways', 'NatGatewayIds', 'NatGateways', (found) => {
        if (found.State === 'deleted' || found.State === 'deleting') return null;
        const address = first(found.NatGatewayAddresses) ?? {};
        return {
          allocation_id: plain(address.AllocationId),
          connectivity_type: text(found.ConnectivityType) || 'public',
          network_interface_id: plain(address.NetworkInterfaceId),
          private_ip: plain(address.PrivateIp),
          public_ip: plain(address.PublicIp),
          subnet_id: plain(found.SubnetId),
          vpc_id: plain(found.VpcId),
        };
      }),
    ],
    delete: [{ command: 'DeleteNatGateway', input: ({ id }) => ({ NatGatewayId: id }) }],
    tags: ec2Tags,
  },
};

function vpcAttribute(name: string, member: string): Step {
  return {
    command: 'ModifyVpcAttribute',
    when: (value) => typeof value[name] === 'boolean',
    input: (value) => ({ VpcId: value.id, [member]: { Value: value[name] } }),
  };
}

function vpcFlag(name: string, attribute: string, member: string): Look {
  return {
    command: 'DescribeVpcAttribute',
    input: ({ id }) => ({ VpcId: id, Attribute: attribute }),
    state: (answer) => ({ [name]: shape(answer[member]).Value === true }),
  };
}

/** What AWS makes with every VPC. */
function ofVpc(
  command: string,
  list: string,
  filters: Readonly<Record<string, string>>,
  state: (found: Shape) => ObjectValue,
): Look {
  return {
    command,
    input: ({ id }) => ({
      Filters: Object.entries({ 'vpc-id': text(id), ...filters }).map(([Name, value]) => ({
        Name,
        Values: [value],
      })),
    }),
    state: (answer) => {
      const found = first(answer[list]);
      return found ? state(found) : {};
    },
  };
}

function publicAddresses(): Step {
  return {
    command: 'ModifySubnetAttribute',
    input: ({ id, map_public_ip_on_launch: isOn }) => ({
      SubnetId: id,
      MapPublicIpOnLaunch: { Value: isOn === true },
    }),
  };
}

function associateAddress(): Step {
  return {
    command: 'AssociateAddress',
    when: ({ instance, network_interface: card }) => Boolean(instance ?? card),
    input: ({ id, instance, network_interface: card }) =>
      present({ AllocationId: id, InstanceId: instance, NetworkInterfaceId: card }),
  };
}
