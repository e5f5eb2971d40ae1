import type { Known, Rows } from '../row.ts';
import { plain, shape, text } from '../shape.ts';

/** Which web ACL stands before what; a record, since no firewall stands before the local load balancers. */
export const firewallRows: Rows = {
  aws_wafv2_web_acl_association: {
    service: 'wafv2',
    create: [
      {
        command: 'AssociateWebACL',
        input: ({ web_acl_arn: acl, resource_arn: guarded }) => ({ WebACLArn: acl, ResourceArn: guarded }),
        result: (_, { web_acl_arn: acl, resource_arn: guarded }) => ({ id: `${text(acl)},${text(guarded)}` }),
      },
    ],
    read: [
      {
        command: 'GetWebACLForResource',
        input: resource,
        state: ({ WebACL }, { resource_arn: guarded }) => {
          const acl = plain(shape(WebACL).ARN);
          return acl === null ? null : { web_acl_arn: acl, resource_arn: guarded ?? null };
        },
      },
    ],
    delete: [{ command: 'DisassociateWebACL', input: resource }],
    import: (id) => ({ web_acl_arn: id.split(',')[0] ?? '', resource_arn: id.split(',')[1] ?? '' }),
  },
};

function resource({ resource_arn: guarded }: Known) {
  return { ResourceArn: guarded };
}
