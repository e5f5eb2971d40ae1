import type { NeedsTable } from './access-need.ts';

/**
 * What calls to the part of IAM that is ours need; the rest is in `backend-needs.ts`.
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access
 * Management" (read 2026-11).
 */
export const IAM_NEEDS: NeedsTable<typeof import('@aws-sdk/client-iam')> = {
  SimulatePrincipalPolicy: ({ PolicySourceArn = '' }) => [
    { action: 'iam:SimulatePrincipalPolicy', resources: [PolicySourceArn] },
  ],
};
