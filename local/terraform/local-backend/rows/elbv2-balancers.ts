import type { ObjectValue } from '../../protocol/value.ts';
import type { Rows } from '../row.ts';
import { first, plain, present, type Shape, shapes, text, texts } from '../shape.ts';
import { allTags, tagList } from '../tags.ts';
import { arnOf, attributeState, readAttributes, tags, writeAttributes } from './elbv2-attributes.ts';

/**
 * Attributes of a load balancer that the local one carries out. The others (logs, desync mitigation, invalid header
 * fields …) are kept in state only.
 */
const balancerAttributes = {
  enable_deletion_protection: 'deletion_protection.enabled',
  enable_http2: 'routing.http2.enabled',
  idle_timeout: 'idle_timeout.timeout_seconds',
  preserve_host_header: 'routing.http.preserve_host_header.enabled',
};

/** Load balancers. */
export const balancerRows: Rows = {
  aws_lb: {
    service: 'elbv2',
    create: [
      {
        command: 'CreateLoadBalancer',
        input: (value) =>
          present({
            Name: value.name,
            Type: value.load_balancer_type,
            Scheme: value.internal === true ? 'internal' : 'internet-facing',
            Subnets: value.subnets,
            SecurityGroups: value.security_groups,
            IpAddressType: value.ip_address_type,
            Tags: tagList(allTags(value)),
          }),
        result: ({ LoadBalancers }) => arnOf(first(LoadBalancers)?.LoadBalancerArn),
      },
      writeAttributes('LoadBalancer', balancerAttributes),
    ],
    read: [
      {
        command: 'DescribeLoadBalancers',
        input: ({ id }) => ({ LoadBalancerArns: [id] }),
        state: ({ LoadBalancers }) => balancerState(first(LoadBalancers)),
      },
      readAttributes('LoadBalancer', (found, { block }) => attributeState(found, balancerAttributes, block)),
    ],
    update: [
      writeAttributes('LoadBalancer', balancerAttributes),
      {
        command: 'SetSecurityGroups',
        names: ['security_groups'],
        input: (value) => ({ LoadBalancerArn: value.id, SecurityGroups: value.security_groups }),
      },
      {
        command: 'SetSubnets',
        names: ['subnets'],
        input: (value) => ({ LoadBalancerArn: value.id, Subnets: value.subnets }),
      },
    ],
    delete: [{ command: 'DeleteLoadBalancer', input: ({ id }) => ({ LoadBalancerArn: id }) }],
    tags,
    import: arnOf,
  },
};

function balancerState(found: Shape | undefined): ObjectValue | null {
  if (found === undefined) return null;
  return {
    ...arnOf(found.LoadBalancerArn),
    arn_suffix: text(found.LoadBalancerArn).replace(/^.*:loadbalancer\//, ''),
    name: plain(found.LoadBalancerName),
    dns_name: plain(found.DNSName),
    zone_id: plain(found.CanonicalHostedZoneId),
    vpc_id: plain(found.VpcId),
    internal: found.Scheme === 'internal',
    load_balancer_type: plain(found.Type),
    ip_address_type: plain(found.IpAddressType),
    security_groups: texts(found.SecurityGroups),
    subnets: shapes(found.AvailabilityZones).map(({ SubnetId }) => text(SubnetId)),
  };
}
