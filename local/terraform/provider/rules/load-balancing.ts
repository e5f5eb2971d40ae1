import type { RuleTable } from './type-rules.ts';

const actionTypes = [
  'authenticate-cognito',
  'authenticate-oidc',
  'fixed-response',
  'forward',
  'jwt-validation',
  'redirect',
];
const redirectDefaults = {
  host: '#{host}',
  path: '/#{path}',
  port: '#{port}',
  protocol: '#{protocol}',
  query: '#{query}',
};
const contentTypes = ['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'];

export const loadBalancingRules: RuleTable = {
  aws_lb: {
    defaults: {
      client_keep_alive: 3600,
      desync_mitigation_mode: 'defensive',
      drop_invalid_header_fields: false,
      enable_cross_zone_load_balancing: false,
      enable_deletion_protection: false,
      enable_http2: true,
      enable_tls_version_and_cipher_suite_headers: false,
      enable_waf_fail_open: false,
      enable_xff_client_port: false,
      enable_zonal_shift: false,
      idle_timeout: 60,
      load_balancer_type: 'application',
      preserve_host_header: false,
      xff_header_processing_mode: 'append',
      'access_logs.enabled': false,
      'connection_logs.enabled': false,
      'health_check_logs.enabled': false,
    },
    replaces: ['internal', 'load_balancer_type', 'name', 'name_prefix', 'customer_owned_ipv4_pool'],
    filled: ['subnet_mapping'],
    conflicts: [
      ['name', 'name_prefix'],
      ['subnets', 'subnet_mapping'],
    ],
    enums: {
      desync_mitigation_mode: ['monitor', 'defensive', 'strictest'],
      ip_address_type: ['ipv4', 'dualstack', 'dualstack-without-public-ipv4'],
      load_balancer_type: ['application', 'gateway', 'network'],
      xff_header_processing_mode: ['append', 'preserve', 'remove'],
    },
  },
  aws_lb_target_group: {
    defaults: {
      deregistration_delay: '300',
      lambda_multi_value_headers_enabled: false,
      proxy_protocol_v2: false,
      slow_start: 0,
      target_type: 'instance',
      'health_check.enabled': true,
      'health_check.healthy_threshold': 3,
      'health_check.interval': 30,
      'health_check.port': 'traffic-port',
      'health_check.protocol': 'HTTP',
      'health_check.unhealthy_threshold': 3,
      'stickiness.cookie_duration': 86400,
      'stickiness.enabled': true,
    },
    replaces: [
      'name',
      'name_prefix',
      'port',
      'protocol',
      'protocol_version',
      'target_type',
      'vpc_id',
      'ip_address_type',
    ],
    filled: ['health_check', 'stickiness', 'target_failover', 'target_group_health', 'target_health_state'],
    conflicts: [['name', 'name_prefix']],
    enums: {
      ip_address_type: ['ipv4', 'ipv6'],
      load_balancing_algorithm_type: ['round_robin', 'least_outstanding_requests', 'weighted_random'],
      protocol: ['GENEVE', 'HTTP', 'HTTPS', 'QUIC', 'TCP', 'TCP_QUIC', 'TCP_UDP', 'TLS', 'UDP'],
      protocol_version: ['GRPC', 'HTTP1', 'HTTP2'],
      target_type: ['alb', 'instance', 'ip', 'lambda'],
      'health_check.protocol': ['HTTP', 'HTTPS', 'TCP'],
      'stickiness.type': [
        'app_cookie',
        'lb_cookie',
        'source_ip',
        'source_ip_dest_ip',
        'source_ip_dest_ip_proto',
      ],
    },
  },
  aws_lb_listener: {
    defaults: {
      ...within('default_action.redirect', redirectDefaults),
      'default_action.forward.stickiness.enabled': false,
      'default_action.forward.target_group.weight': 1,
    },
    replaces: ['load_balancer_arn'],
    filled: ['mutual_authentication'],
    sensitive: ['default_action.authenticate_oidc.client_secret'],
    enums: {
      protocol: ['GENEVE', 'HTTP', 'HTTPS', 'QUIC', 'TCP', 'TCP_QUIC', 'TCP_UDP', 'TLS', 'UDP'],
      'default_action.type': actionTypes,
      'default_action.fixed_response.content_type': contentTypes,
      'default_action.redirect.status_code': ['HTTP_301', 'HTTP_302'],
    },
  },
  aws_lb_listener_rule: {
    defaults: {
      ...within('action.redirect', redirectDefaults),
      'action.forward.stickiness.enabled': false,
      'action.forward.target_group.weight': 1,
    },
    replaces: ['listener_arn'],
    sensitive: ['action.authenticate_oidc.client_secret'],
    enums: {
      'action.type': actionTypes,
      'action.fixed_response.content_type': contentTypes,
      'action.redirect.status_code': ['HTTP_301', 'HTTP_302'],
    },
  },
  aws_lb_target_group_attachment: { replaces: ['*'] },
  aws_lb_listener_certificate: { replaces: ['*'] },
  aws_acm_certificate: {
    replaces: ['domain_name', 'subject_alternative_names', 'validation_method', 'key_algorithm'],
    sensitive: ['private_key'],
    conflicts: [['certificate_authority_arn', 'certificate_body', 'validation_method']],
    enums: { validation_method: ['DNS', 'EMAIL', 'HTTP'] },
  },
  aws_acm_certificate_validation: { replaces: ['*'] },
  aws_route53_record: {
    replaces: ['zone_id'],
    conflicts: [
      ['alias', 'records'],
      ['alias', 'ttl'],
    ],
    enums: {
      type: [
        'A',
        'AAAA',
        'CAA',
        'CNAME',
        'DS',
        'HTTPS',
        'MX',
        'NAPTR',
        'NS',
        'PTR',
        'SOA',
        'SPF',
        'SRV',
        'SSHFP',
        'SVCB',
        'TLSA',
        'TXT',
      ],
    },
  },
  aws_wafv2_web_acl_association: { replaces: ['*'] },
};

function within(block: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${block}.${name}`, value]));
}
