import { type NeedsTable, requestTagKeys } from './access-need.ts';

/**
 * What calls to STS need. Who the caller is, everybody may ask; a web identity is let in by the role's trust
 * policy alone.
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Security Token
 * Service" (read 2026-11).
 */
export const STS_NEEDS: NeedsTable<typeof import('@aws-sdk/client-sts')> = {
  AssumeRole: ({ RoleArn = '', RoleSessionName, ExternalId, Tags }) => {
    const keys = {
      'sts:RoleSessionName': RoleSessionName,
      'sts:ExternalId': ExternalId,
      ...requestTagKeys(Tags),
    };
    const actions = Tags?.length ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole'];
    return actions.map((action) => ({ action, resources: [RoleArn], keys }));
  },
  AssumeRoleWithWebIdentity: () => [],
  GetCallerIdentity: () => [],
};
