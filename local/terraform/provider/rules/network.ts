import type { RuleTable } from './type-rules.ts';

const routeTargets = [
  'carrier_gateway_id',
  'core_network_arn',
  'egress_only_gateway_id',
  'gateway_id',
  'local_gateway_id',
  'nat_gateway_id',
  'network_interface_id',
  'transit_gateway_id',
  'vpc_endpoint_id',
  'vpc_peering_connection_id',
];
const securityGroupRule = {
  replaces: ['security_group_id'],
  exactlyOne: [['cidr_ipv4', 'cidr_ipv6', 'prefix_list_id', 'referenced_security_group_id']],
};

export const networkRules: RuleTable = {
  aws_vpc: {
    defaults: { enable_dns_support: true, instance_tenancy: 'default' },
    replaces: ['cidr_block', 'ipv4_ipam_pool_id', 'ipv4_netmask_length'],
    enums: { instance_tenancy: ['dedicated', 'default'] },
  },
  aws_subnet: {
    defaults: {
      assign_ipv6_address_on_creation: false,
      enable_dns64: false,
      enable_resource_name_dns_a_record_on_launch: false,
      enable_resource_name_dns_aaaa_record_on_launch: false,
      ipv6_native: false,
      map_public_ip_on_launch: false,
    },
    replaces: ['availability_zone', 'availability_zone_id', 'cidr_block', 'vpc_id', 'outpost_arn'],
    conflicts: [['availability_zone', 'availability_zone_id']],
  },
  aws_internet_gateway: {},
  aws_nat_gateway: {
    defaults: { connectivity_type: 'public' },
    replaces: ['allocation_id', 'availability_mode', 'connectivity_type', 'private_ip', 'subnet_id'],
    enums: { availability_mode: ['regional', 'zonal'], connectivity_type: ['private', 'public'] },
  },
  aws_eip: {
    replaces: ['domain', 'network_border_group', 'public_ipv4_pool'],
    enums: { domain: ['standard', 'vpc'] },
  },
  aws_route: {
    replaces: [
      'route_table_id',
      'destination_cidr_block',
      'destination_ipv6_cidr_block',
      'destination_prefix_list_id',
    ],
    exactlyOne: [
      ['destination_cidr_block', 'destination_ipv6_cidr_block', 'destination_prefix_list_id'],
      routeTargets,
    ],
  },
  aws_route_table: { replaces: ['vpc_id'] },
  aws_route_table_association: {
    replaces: ['subnet_id', 'gateway_id'],
    exactlyOne: [['gateway_id', 'subnet_id']],
  },
  aws_security_group: {
    defaults: { description: 'Managed by Terraform', revoke_rules_on_delete: false },
    replaces: ['description', 'name', 'name_prefix', 'vpc_id'],
    conflicts: [['name', 'name_prefix']],
  },
  aws_default_security_group: { defaults: { revoke_rules_on_delete: false }, replaces: ['vpc_id'] },
  aws_vpc_security_group_ingress_rule: securityGroupRule,
  aws_vpc_security_group_egress_rule: securityGroupRule,
  aws_security_group_rule: { replaces: ['*'], enums: { type: ['egress', 'ingress'] } },
  aws_vpc_endpoint: {
    defaults: { vpc_endpoint_type: 'Gateway' },
    replaces: [
      'resource_configuration_arn',
      'service_name',
      'service_network_arn',
      'vpc_endpoint_type',
      'vpc_id',
    ],
    filled: ['dns_options', 'subnet_configuration'],
    enums: {
      ip_address_type: ['dualstack', 'ipv4', 'ipv6'],
      vpc_endpoint_type: ['Gateway', 'GatewayLoadBalancer', 'Interface', 'Resource', 'ServiceNetwork'],
    },
  },
  aws_flow_log: {
    defaults: { log_destination_type: 'cloud-watch-logs', max_aggregation_interval: 600 },
    replaces: ['*'],
    exactlyOne: [
      [
        'eni_id',
        'regional_nat_gateway_id',
        'subnet_id',
        'transit_gateway_attachment_id',
        'transit_gateway_id',
        'vpc_id',
      ],
    ],
    enums: {
      log_destination_type: ['cloud-watch-logs', 'kinesis-data-firehose', 's3'],
      traffic_type: ['ACCEPT', 'ALL', 'REJECT'],
    },
  },
  aws_instance: {
    defaults: { source_dest_check: true, get_password_data: false, hibernation: false },
    replaces: [
      'ami',
      'subnet_id',
      'private_ip',
      'key_name',
      'availability_zone',
      'associate_public_ip_address',
    ],
    filled: [
      'capacity_reservation_specification',
      'cpu_options',
      'credit_specification',
      'ebs_block_device',
      'enclave_options',
      'maintenance_options',
      'metadata_options',
      'network_interface',
      'primary_network_interface',
      'private_dns_name_options',
      'root_block_device',
    ],
    enums: {
      'metadata_options.http_tokens': ['optional', 'required'],
      'metadata_options.http_endpoint': ['disabled', 'enabled'],
    },
  },
};
