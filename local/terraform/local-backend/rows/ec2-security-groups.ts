import { isList, isObject, type ObjectValue, type Value } from '../../protocol/value.ts';
import type { Known, Rows, Step } from '../row.ts';
import { first, plain, present, type Shape, shapes, text } from '../shape.ts';
import { allTags, tagList, tagsOf } from '../tags.ts';
import { ec2Tags, tagged } from './ec2-looks.ts';

const allOut = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

/** Security groups, with the rules that are written inside them. */
export const securityGroupRows: Rows = {
  aws_security_group: {
    service: 'ec2',
    create: [
      {
        command: 'CreateSecurityGroup',
        input: (value) =>
          present({
            GroupName: value.name,
            Description: value.description,
            VpcId: value.vpc_id,
            TagSpecifications: tagged('security-group', value),
          }),
        result: ({ GroupId }) => ({ id: plain(GroupId) }),
      },
      // The provider takes away the rule that lets everything out, which AWS makes with each group.
      {
        command: 'RevokeSecurityGroupEgress',
        input: ({ id }) => ({ GroupId: id, IpPermissions: [allOut] }),
      },
      authorize('Ingress'),
      authorize('Egress'),
    ],
    read: [look()],
    update: [revoke('Ingress'), authorize('Ingress'), revoke('Egress'), authorize('Egress')],
    delete: [{ command: 'DeleteSecurityGroup', input: ({ id }) => ({ GroupId: id }) }],
    tags: ec2Tags,
  },
  aws_default_security_group: {
    service: 'ec2',
    create: [
      {
        command: 'DescribeSecurityGroups',
        input: ({ vpc_id: vpc }) => ({
          Filters: [
            { Name: 'vpc-id', Values: [vpc] },
            { Name: 'group-name', Values: ['default'] },
          ],
        }),
        result: ({ SecurityGroups }) => {
          const found = first(SecurityGroups) ?? {};
          return {
            id: plain(found.GroupId),
            found_ingress: blocksOf(found.IpPermissions),
            found_egress: blocksOf(found.IpPermissionsEgress),
          };
        },
      },
      emptied('Ingress'),
      emptied('Egress'),
      {
        command: 'CreateTags',
        when: (value) => tagList(allTags(value)) !== undefined,
        input: (value) => ({ Resources: [value.id], Tags: tagList(allTags(value)) }),
      },
      authorize('Ingress'),
      authorize('Egress'),
    ],
    read: [look()],
    update: [revoke('Ingress'), authorize('Ingress'), revoke('Egress'), authorize('Egress')],
    delete: [],
    tags: ec2Tags,
  },
};

function look() {
  return {
    command: 'DescribeSecurityGroups',
    input: ({ id }: Known) => ({ GroupIds: [id] }),
    state: (answer: Shape, value: Known, at: { settings: { region: string; accountId: string } }) => {
      const found = first(answer.SecurityGroups);
      if (found === undefined) return null;
      const { region, accountId } = at.settings;
      return {
        arn: `arn:aws:ec2:${region}:${accountId}:security-group/${text(found.GroupId)}`,
        description: plain(found.Description),
        ...written('ingress', value, found.IpPermissions),
        ...written('egress', value, found.IpPermissionsEgress),
        name: plain(found.GroupName),
        owner_id: plain(found.OwnerId),
        tags: tagsOf(found.Tags),
        vpc_id: plain(found.VpcId),
      };
    },
  };
}

/** Rules are this resource's where it has any: else they are resources of their own and not looked at here. */
function written(name: 'egress' | 'ingress', value: Known, permissions: unknown): ObjectValue {
  const rules = value[name];
  const isOwn = isList(rules) && rules.length > 0;
  return { [name]: isOwn ? blocksOf(permissions) : [] };
}

function authorize(direction: 'Egress' | 'Ingress'): Step {
  const name = direction.toLowerCase();
  return {
    command: `AuthorizeSecurityGroup${direction}`,
    when: (value) => permissionsOf(value[name]).length > 0,
    input: (value) => ({ GroupId: value.id, IpPermissions: permissionsOf(value[name]) }),
    names: [name],
  };
}

function revoke(direction: 'Egress' | 'Ingress'): Step {
  const name = direction.toLowerCase();
  return {
    command: `RevokeSecurityGroup${direction}`,
    when: (_, prior) => permissionsOf(prior?.[name]).length > 0,
    input: (value, _, prior) => ({ GroupId: value.id, IpPermissions: permissionsOf(prior?.[name]) }),
    names: [name],
  };
}

function emptied(direction: 'Egress' | 'Ingress'): Step {
  const name = `found_${direction.toLowerCase()}`;
  return {
    command: `RevokeSecurityGroup${direction}`,
    when: (value) => permissionsOf(value[name]).length > 0,
    input: (value) => ({ GroupId: value.id, IpPermissions: permissionsOf(value[name], value) }),
  };
}

function permissionsOf(rules: Value | undefined, group?: Known): Shape[] {
  return (isList(rules) ? rules : []).filter(isObject).map((rule) => {
    const peers = isList(rule.security_groups) ? rule.security_groups : [];
    const own = rule.self === true && group ? [group.id ?? null] : [];
    return present({
      IpProtocol: rule.protocol,
      FromPort: rule.protocol === '-1' ? undefined : rule.from_port,
      ToPort: rule.protocol === '-1' ? undefined : rule.to_port,
      IpRanges: ranges(rule.cidr_blocks, 'CidrIp', rule.description),
      Ipv6Ranges: ranges(rule.ipv6_cidr_blocks, 'CidrIpv6', rule.description),
      UserIdGroupPairs: ranges([...peers, ...own], 'GroupId', rule.description),
    });
  });
}

function ranges(
  values: Value | undefined,
  name: string,
  description: Value | undefined,
): Shape[] | undefined {
  if (!isList(values) || values.length === 0) return undefined;
  return values.map((value) => present({ [name]: value, Description: description || undefined }));
}

function blocksOf(permissions: unknown): ObjectValue[] {
  return shapes(permissions).map((permission) => {
    const [cidrs, wide, pairs] = [
      permission.IpRanges,
      permission.Ipv6Ranges,
      permission.UserIdGroupPairs,
    ].map(shapes);
    const described = [...(cidrs ?? []), ...(wide ?? []), ...(pairs ?? [])].find(
      ({ Description }) => Description,
    );
    return {
      cidr_blocks: (cidrs ?? []).map(({ CidrIp }) => text(CidrIp)),
      description: text(described?.Description),
      from_port: Number(permission.FromPort ?? 0),
      ipv6_cidr_blocks: (wide ?? []).map(({ CidrIpv6 }) => text(CidrIpv6)),
      prefix_list_ids: [],
      protocol: text(permission.IpProtocol),
      security_groups: (pairs ?? []).map(({ GroupId }) => text(GroupId)),
      self: false,
      to_port: Number(permission.ToPort ?? 0),
    };
  });
}
