import type { ObjectValue, Value } from '../../protocol/value.ts';
import type { At, Known, Look, Row, Rows, Step, TagStyle } from '../row.ts';
import { fromSdk, type Naming, sdkName, toSdk } from '../sdk-names.ts';
import { first, plain, present, type Shape, shape, shapes, text, texts } from '../shape.ts';
import { allTags, tagList, tagsOf } from '../tags.ts';
import { ruleRow } from './ec2-security-rules.ts';

export const pascal: Naming = { style: 'pascal' };

/** Tags of everything in EC2 hang on its id; the first look answers them under `tags`. */
export const ec2Tags: TagStyle = {
  set: { command: 'CreateTags', input: ({ id }, tags) => ({ Resources: [id], Tags: tagList(tags) }) },
  unset: {
    command: 'DeleteTags',
    input: ({ id }, keys) => ({ Resources: [id], Tags: keys.map((Key) => ({ Key })) }),
  },
};

export const ec2Rows: Rows = {
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
  aws_route_table: routeTable(),
  aws_route: {
    service: 'ec2',
    create: [
      {
        command: 'CreateRoute',
        input: (value, { block }) => routeInput(value, block),
        result: (_, value) => ({ id: `r-${text(value.route_table_id)}${text(destinationOf(value))}` }),
      },
    ],
    read: [
      {
        command: 'DescribeRouteTables',
        input: (value) => ({ RouteTableIds: [value.route_table_id] }),
        state: ({ RouteTables }, value) => routeState(shapes(first(RouteTables)?.Routes), value),
      },
    ],
    update: [{ command: 'ReplaceRoute', input: (value, { block }) => routeInput(value, block) }],
    delete: [
      {
        command: 'DeleteRoute',
        input: (value) =>
          present({
            RouteTableId: value.route_table_id,
            DestinationCidrBlock: value.destination_cidr_block || undefined,
            DestinationIpv6CidrBlock: value.destination_ipv6_cidr_block || undefined,
          }),
      },
    ],
    import: (id) => ({
      route_table_id: id.split('_')[0] ?? '',
      destination_cidr_block: id.split('_')[1] ?? '',
    }),
  },
  aws_route_table_association: {
    service: 'ec2',
    create: [
      {
        command: 'AssociateRouteTable',
        input: ({ route_table_id: table, subnet_id: subnet }) => ({ RouteTableId: table, SubnetId: subnet }),
        result: ({ AssociationId }) => ({ id: plain(AssociationId) }),
      },
    ],
    read: [
      {
        command: 'DescribeRouteTables',
        input: ({ id }) => ({
          Filters: [{ Name: 'association.route-table-association-id', Values: [id] }],
        }),
        state: ({ RouteTables }, { id }) => {
          const found = shapes(first(RouteTables)?.Associations).find(
            ({ RouteTableAssociationId }) => RouteTableAssociationId === id,
          );
          return found
            ? { route_table_id: plain(found.RouteTableId), subnet_id: plain(found.SubnetId) }
            : null;
        },
      },
    ],
    update: [
      {
        command: 'ReplaceRouteTableAssociation',
        names: ['route_table_id'],
        input: ({ id, route_table_id: table }) => ({ AssociationId: id, RouteTableId: table }),
        result: ({ NewAssociationId }) => ({ id: plain(NewAssociationId) }),
      },
    ],
    delete: [{ command: 'DisassociateRouteTable', input: ({ id }) => ({ AssociationId: id }) }],
  },
  aws_vpc_security_group_ingress_rule: ruleRow('Ingress'),
  aws_vpc_security_group_egress_rule: ruleRow('Egress'),
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
  aws_flow_log: {
    service: 'ec2',
    create: [
      {
        command: 'CreateFlowLogs',
        input: (value) =>
          present({
            ResourceIds: [value.vpc_id ?? value.subnet_id ?? value.eni_id],
            ResourceType: value.vpc_id ? 'VPC' : value.subnet_id ? 'Subnet' : 'NetworkInterface',
            TrafficType: value.traffic_type,
            LogDestinationType: value.log_destination_type,
            LogDestination: value.log_destination || undefined,
            LogFormat: value.log_format || undefined,
            DeliverLogsPermissionArn: value.iam_role_arn,
            MaxAggregationInterval: value.max_aggregation_interval,
            TagSpecifications: tagged('vpc-flow-log', value),
          }),
        result: ({ FlowLogIds }) => ({ id: texts(FlowLogIds)[0] ?? null }),
      },
    ],
    read: [
      {
        command: 'DescribeFlowLogs',
        input: ({ id }) => ({ FlowLogIds: [id] }),
        state: ({ FlowLogs }, _, { settings }) => {
          const found = first(FlowLogs);
          if (found === undefined) return null;
          return {
            arn: `arn:aws:ec2:${settings.region}:${settings.accountId}:vpc-flow-log/${text(found.FlowLogId)}`,
            log_destination: plain(found.LogDestination),
            max_aggregation_interval: plain(found.MaxAggregationInterval),
            traffic_type: plain(found.TrafficType),
            tags: tagsOf(found.Tags),
          };
        },
      },
    ],
    delete: [{ command: 'DeleteFlowLogs', input: ({ id }) => ({ FlowLogIds: [id] }) }],
    tags: ec2Tags,
  },
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

/** Tags given with the call that makes a thing. */
export function tagged(ResourceType: string, value: Known): Shape[] | undefined {
  const Tags = tagList(allTags(value));
  return Tags === undefined ? undefined : [{ ResourceType, Tags }];
}

/** The look at one thing by its id. */
export function described(
  command: string,
  ids: string,
  list: string,
  state: (found: Shape, at: At, value: Known) => ObjectValue | null,
): Look {
  return {
    command,
    input: ({ id }) => ({ [ids]: [id] }),
    state: (answer, value, at) => {
      const found = first(answer[list]);
      const known = found && state(found, at, value);
      return known ? { ...known, tags: tagsOf(found.Tags) } : null;
    },
  };
}

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

function routeTable(): Row {
  return {
    service: 'ec2',
    create: [
      {
        command: 'CreateRouteTable',
        input: (value) => present({ VpcId: value.vpc_id, TagSpecifications: tagged('route-table', value) }),
        result: ({ RouteTable }) => ({ id: plain(shape(RouteTable).RouteTableId) }),
      },
    ],
    read: [
      described('DescribeRouteTables', 'RouteTableIds', 'RouteTables', (found, { settings }) => ({
        arn: `arn:aws:ec2:${settings.region}:${settings.accountId}:route-table/${text(found.RouteTableId)}`,
        owner_id: settings.accountId,
        propagating_vgws: [],
        vpc_id: plain(found.VpcId),
      })),
    ],
    delete: [{ command: 'DeleteRouteTable', input: ({ id }) => ({ RouteTableId: id }) }],
    tags: ec2Tags,
  };
}

const routeTargets = [
  'gateway_id',
  'nat_gateway_id',
  'network_interface_id',
  'transit_gateway_id',
  'vpc_endpoint_id',
  'vpc_peering_connection_id',
];

function routeInput(value: Known, block: At['block']): Shape {
  const names = ['route_table_id', 'destination_cidr_block', 'destination_ipv6_cidr_block', ...routeTargets];
  return present(
    toSdk(
      block,
      value,
      pascal,
      names.filter((name) => value[name] !== ''),
    ),
  );
}

function destinationOf(value: Known): Value {
  return value.destination_cidr_block || value.destination_ipv6_cidr_block || null;
}

function routeState(routes: readonly Shape[], value: Known): ObjectValue | null {
  const destination = destinationOf(value);
  const found = routes.find(
    ({ DestinationCidrBlock, DestinationIpv6CidrBlock }) =>
      DestinationCidrBlock === destination || DestinationIpv6CidrBlock === destination,
  );
  if (found === undefined) return null;
  const targets = routeTargets.map((name) => [name, plain(found[sdkName(name, pascal)])] as const);
  return { ...Object.fromEntries(targets), state: plain(found.State), origin: plain(found.Origin) };
}

function difference(noun: string, wanted: Value | undefined, prior: Value | undefined): Shape {
  const [after, before] = [texts(wanted), texts(prior)];
  const added = after.filter((item) => !before.includes(item));
  const removed = before.filter((item) => !after.includes(item));
  return {
    ...(added.length > 0 && { [`Add${noun}`]: added }),
    ...(removed.length > 0 && { [`Remove${noun}`]: removed }),
  };
}

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
