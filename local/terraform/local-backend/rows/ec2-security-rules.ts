import type { ObjectValue } from '../../protocol/value.ts';
import type { Known, Row, Rows, Step } from '../row.ts';
import { first, plain, present, type Shape, shape, text } from '../shape.ts';
import { allTags, tagList, tagsOf } from '../tags.ts';

const rangeNames = [
  'cidr_ipv4',
  'cidr_ipv6',
  'description',
  'from_port',
  'ip_protocol',
  'prefix_list_id',
  'referenced_security_group_id',
  'to_port',
];

/** Rules of security groups, each a resource of its own. */
export const securityRuleRows: Rows = {
  aws_vpc_security_group_ingress_rule: ruleRow('Ingress'),
  aws_vpc_security_group_egress_rule: ruleRow('Egress'),
};

/** One rule of a security group, in or out. */
function ruleRow(direction: 'Egress' | 'Ingress'): Row {
  return {
    service: 'ec2',
    create: [authorize(direction)],
    read: [
      {
        command: 'DescribeSecurityGroupRules',
        input: ({ id }) => ({ SecurityGroupRuleIds: [id] }),
        state: ({ SecurityGroupRules }, value, { settings }) => {
          const found = first(SecurityGroupRules);
          if (found === undefined) return null;
          return {
            ...ruleState(found, value),
            arn: `arn:aws:ec2:${settings.region}:${settings.accountId}:security-group-rule/${text(value.id)}`,
            tags: tagsOf(found.Tags),
          };
        },
      },
    ],
    update: [
      {
        command: `RevokeSecurityGroup${direction}`,
        names: rangeNames,
        input: ({ security_group_id: group, id }) => ({ GroupId: group, SecurityGroupRuleIds: [id] }),
      },
      { ...authorize(direction), names: rangeNames },
    ],
    delete: [
      {
        command: `RevokeSecurityGroup${direction}`,
        input: ({ security_group_id: group, id }) => ({ GroupId: group, SecurityGroupRuleIds: [id] }),
      },
    ],
    tags: {
      set: { command: 'CreateTags', input: ({ id }, tags) => ({ Resources: [id], Tags: tagList(tags) }) },
      unset: {
        command: 'DeleteTags',
        input: ({ id }, keys) => ({ Resources: [id], Tags: keys.map((Key) => ({ Key })) }),
      },
    },
  };
}

function authorize(direction: 'Egress' | 'Ingress'): Step {
  return {
    command: `AuthorizeSecurityGroup${direction}`,
    input: (value) => {
      const Tags = tagList(allTags(value));
      return {
        GroupId: value.security_group_id,
        IpPermissions: [permission(value)],
        ...(Tags && { TagSpecifications: [{ ResourceType: 'security-group-rule', Tags }] }),
      };
    },
    result: ({ SecurityGroupRules }) => {
      const id = plain(first(SecurityGroupRules)?.SecurityGroupRuleId);
      return { id, security_group_rule_id: id };
    },
  };
}

function permission(value: Known): Shape {
  const Description = value.description || undefined;
  return present({
    IpProtocol: value.ip_protocol,
    FromPort: value.from_port,
    ToPort: value.to_port,
    IpRanges: value.cidr_ipv4 ? [present({ CidrIp: value.cidr_ipv4, Description })] : undefined,
    Ipv6Ranges: value.cidr_ipv6 ? [present({ CidrIpv6: value.cidr_ipv6, Description })] : undefined,
    PrefixListIds: value.prefix_list_id
      ? [present({ PrefixListId: value.prefix_list_id, Description })]
      : undefined,
    UserIdGroupPairs: value.referenced_security_group_id
      ? [present({ GroupId: value.referenced_security_group_id, Description })]
      : undefined,
  });
}

/** All protocols have no ports: AWS answers -1 for what was not written. */
function ruleState(found: Shape, value: Known): ObjectValue {
  const port = (answered: unknown, written: unknown) =>
    written === null && answered === -1 ? null : plain(answered);
  return {
    cidr_ipv4: plain(found.CidrIpv4),
    cidr_ipv6: plain(found.CidrIpv6),
    // The server behind the local EC2 forgets it for a rule that names a group or a prefix list.
    description: plain(found.Description) ?? (found.CidrIpv4 ? null : (value.description ?? null)),
    from_port: port(found.FromPort, value.from_port ?? null),
    ip_protocol: plain(found.IpProtocol),
    prefix_list_id: plain(found.PrefixListId),
    referenced_security_group_id: plain(shape(found.ReferencedGroupInfo).GroupId),
    security_group_id: plain(found.GroupId),
    security_group_rule_id: plain(found.SecurityGroupRuleId),
    to_port: port(found.ToPort, value.to_port ?? null),
  };
}
