import { isList, isObject, type ObjectValue } from '../../protocol/value.ts';
import type { At, Known, Rows, TagStyle } from '../row.ts';
import { plain, present, type Shape, shape, shapes, text, texts } from '../shape.ts';
import { allTags, tagList, tagsOf } from '../tags.ts';

const roleTags = taggedAs('Role', ({ id }) => ({ RoleName: id }));

export const iamRows: Rows = {
  aws_iam_role: {
    service: 'iam',
    create: [
      {
        command: 'CreateRole',
        input: (value) =>
          present({
            RoleName: value.name,
            AssumeRolePolicyDocument: value.assume_role_policy,
            Description: value.description,
            MaxSessionDuration: value.max_session_duration,
            Path: value.path,
            PermissionsBoundary: value.permissions_boundary,
            Tags: tagList(allTags(value)),
          }),
        result: ({ Role }) => ({ id: plain(shape(Role).RoleName), name: plain(shape(Role).RoleName) }),
      },
    ],
    read: [
      {
        command: 'GetRole',
        input: ({ id }) => ({ RoleName: id }),
        state: ({ Role }) => roleState(shape(Role)),
      },
    ],
    update: [
      {
        command: 'UpdateAssumeRolePolicy',
        names: ['assume_role_policy'],
        input: (value) => ({ RoleName: value.id, PolicyDocument: value.assume_role_policy }),
      },
      {
        command: 'UpdateRole',
        names: ['description', 'max_session_duration'],
        input: (value) => ({
          RoleName: value.id,
          Description: value.description ?? '',
          MaxSessionDuration: value.max_session_duration,
        }),
      },
      {
        command: 'PutRolePermissionsBoundary',
        names: ['permissions_boundary'],
        when: ({ permissions_boundary: boundary }) => Boolean(boundary),
        input: (value) => ({ RoleName: value.id, PermissionsBoundary: value.permissions_boundary }),
      },
      {
        command: 'DeleteRolePermissionsBoundary',
        names: ['permissions_boundary'],
        when: ({ permissions_boundary: boundary }) => !boundary,
        input: ({ id }) => ({ RoleName: id }),
      },
    ],
    delete: [{ command: 'DeleteRole', input: ({ id }) => ({ RoleName: id }) }],
    tags: roleTags,
    import: (id) => ({ name: id }),
  },
  aws_iam_policy: {
    service: 'iam',
    create: [
      {
        command: 'CreatePolicy',
        input: (value) =>
          present({
            PolicyName: value.name,
            PolicyDocument: value.policy,
            Description: value.description,
            Path: value.path,
            Tags: tagList(allTags(value)),
          }),
        result: ({ Policy }) => ({ id: plain(shape(Policy).Arn), arn: plain(shape(Policy).Arn) }),
      },
    ],
    read: [
      {
        command: 'GetPolicy',
        input: ({ id }) => ({ PolicyArn: id }),
        state: ({ Policy }) => policyState(shape(Policy)),
      },
      {
        command: 'ListPolicyVersions',
        input: ({ id }) => ({ PolicyArn: id }),
        state: ({ Versions }): ObjectValue => {
          const current = shapes(Versions).find(({ IsDefaultVersion }) => IsDefaultVersion === true);
          return current?.Document === undefined ? {} : { policy: documentOf(current.Document) };
        },
      },
    ],
    update: [
      {
        command: 'CreatePolicyVersion',
        names: ['policy'],
        input: (value) => ({ PolicyArn: value.id, PolicyDocument: value.policy, SetAsDefault: true }),
      },
    ],
    delete: [{ command: 'DeletePolicy', input: ({ id }) => ({ PolicyArn: id }) }],
    tags: taggedAs('Policy', ({ id }) => ({ PolicyArn: id })),
    import: (id) => ({ arn: id }),
  },
  aws_iam_role_policy: {
    service: 'iam',
    create: [
      { ...putRolePolicy(), result: (_, value) => ({ id: `${text(value.role)}:${text(value.name)}` }) },
    ],
    read: [
      {
        command: 'GetRolePolicy',
        input: inlinePolicy,
        state: (answer) => ({
          name: plain(answer.PolicyName),
          role: plain(answer.RoleName),
          policy: documentOf(answer.PolicyDocument),
        }),
      },
    ],
    update: [putRolePolicy()],
    delete: [{ command: 'DeleteRolePolicy', input: inlinePolicy }],
  },
  aws_iam_role_policy_attachment: {
    service: 'iam',
    create: [
      {
        command: 'AttachRolePolicy',
        input: attachment,
        result: (_, { role, policy_arn: arn }) => ({ id: `${text(role)}/${text(arn)}` }),
      },
    ],
    read: [
      {
        command: 'ListAttachedRolePolicies',
        input: ({ role, id }) => ({ RoleName: role ?? text(id).split('/')[0] }),
        state: ({ AttachedPolicies }, { role, policy_arn: arn }) => {
          const isThere = shapes(AttachedPolicies).some(({ PolicyArn }) => PolicyArn === arn);
          return isThere ? { role: role ?? null, policy_arn: arn ?? null } : null;
        },
      },
    ],
    delete: [{ command: 'DetachRolePolicy', input: attachment }],
    import: (id) => {
      const at = id.indexOf('/');
      return { role: id.slice(0, at), policy_arn: id.slice(at + 1) };
    },
  },
  aws_iam_instance_profile: {
    service: 'iam',
    create: [
      {
        command: 'CreateInstanceProfile',
        input: (value) =>
          present({ InstanceProfileName: value.name, Path: value.path, Tags: tagList(allTags(value)) }),
        result: (_, { name }) => ({ id: name ?? null }),
      },
      {
        command: 'AddRoleToInstanceProfile',
        when: ({ role }) => Boolean(role),
        input: ({ id, role }) => ({ InstanceProfileName: id, RoleName: role }),
      },
    ],
    read: [
      {
        command: 'GetInstanceProfile',
        input: ({ id }) => ({ InstanceProfileName: id }),
        state: ({ InstanceProfile }) => {
          const found = shape(InstanceProfile);
          return {
            arn: plain(found.Arn),
            name: plain(found.InstanceProfileName),
            path: plain(found.Path),
            role: plain(shapes(found.Roles)[0]?.RoleName),
            unique_id: plain(found.InstanceProfileId),
            tags: tagsOf(found.Tags),
          };
        },
      },
    ],
    delete: [
      {
        command: 'RemoveRoleFromInstanceProfile',
        when: ({ role }) => Boolean(role),
        input: ({ id, role }) => ({ InstanceProfileName: id, RoleName: role }),
      },
      { command: 'DeleteInstanceProfile', input: ({ id }) => ({ InstanceProfileName: id }) },
    ],
    tags: {
      set: {
        command: 'TagInstanceProfile',
        input: ({ id }, tags) => ({ InstanceProfileName: id, Tags: tagList(tags) }),
      },
      unset: {
        command: 'UntagInstanceProfile',
        input: ({ id }, TagKeys) => ({ InstanceProfileName: id, TagKeys }),
      },
    },
  },
  aws_iam_openid_connect_provider: {
    service: 'iam',
    create: [
      {
        command: 'CreateOpenIDConnectProvider',
        input: (value) =>
          present({
            Url: value.url,
            ClientIDList: value.client_id_list,
            // AWS needs none since 2023; the record behind the local IAM still wants one.
            ThumbprintList: isList(value.thumbprint_list) ? value.thumbprint_list : ['0'.repeat(40)],
            Tags: tagList(allTags(value)),
          }),
        result: ({ OpenIDConnectProviderArn: arn }) => ({ id: plain(arn), arn: plain(arn) }),
      },
    ],
    read: [
      {
        command: 'GetOpenIDConnectProvider',
        input: ({ id }) => ({ OpenIDConnectProviderArn: id }),
        state: (answer, { url }) => ({
          client_id_list: texts(answer.ClientIDList),
          thumbprint_list: texts(answer.ThumbprintList),
          url: text(url) || `https://${text(answer.Url)}`,
        }),
      },
    ],
    delete: [
      { command: 'DeleteOpenIDConnectProvider', input: ({ id }) => ({ OpenIDConnectProviderArn: id }) },
    ],
    tags: taggedAs('OpenIDConnectProvider', ({ id }) => ({ OpenIDConnectProviderArn: id })),
    import: (id) => ({ arn: id }),
  },
};

function taggedAs(noun: string, key: (value: Known) => Shape): TagStyle {
  return {
    read: { command: `List${noun}Tags`, input: key, tags: ({ Tags }) => tagsOf(Tags) },
    set: { command: `Tag${noun}`, input: (value, tags) => ({ ...key(value), Tags: tagList(tags) }) },
    unset: { command: `Untag${noun}`, input: (value, TagKeys) => ({ ...key(value), TagKeys }) },
  };
}

function putRolePolicy() {
  return {
    command: 'PutRolePolicy',
    input: (value: Known, _at: At) => ({
      RoleName: value.role,
      PolicyName: value.name,
      PolicyDocument: value.policy,
    }),
  };
}

function inlinePolicy({ id }: Known): Shape {
  const [role = '', name = ''] = text(id).split(':');
  return { RoleName: role, PolicyName: name };
}

function attachment({ role, policy_arn: arn }: Known): Shape {
  return { RoleName: role, PolicyArn: arn };
}

function roleState(role: Shape): ObjectValue {
  return {
    arn: plain(role.Arn),
    assume_role_policy: documentOf(role.AssumeRolePolicyDocument),
    create_date: plain(role.CreateDate),
    description: plain(role.Description),
    max_session_duration: plain(role.MaxSessionDuration),
    name: plain(role.RoleName),
    path: plain(role.Path),
    permissions_boundary: plain(shape(role.PermissionsBoundary).PermissionsBoundaryArn),
    unique_id: plain(role.RoleId),
  };
}

function policyState(policy: Shape): ObjectValue {
  return {
    arn: plain(policy.Arn),
    attachment_count: plain(policy.AttachmentCount),
    description: plain(policy.Description),
    name: plain(policy.PolicyName),
    path: plain(policy.Path),
    policy_id: plain(policy.PolicyId),
  };
}

/** IAM answers documents URL-encoded. */
function documentOf(document: unknown): string {
  if (isObject(document as never)) return JSON.stringify(document);
  const encoded = text(document);
  return encoded.startsWith('%') ? decodeURIComponent(encoded) : encoded;
}
