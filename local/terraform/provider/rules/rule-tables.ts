import { containerRules } from './containers.ts';
import { identityRules } from './identity.ts';
import { loadBalancingRules } from './load-balancing.ts';
import { messagingRules } from './messaging.ts';
import { networkRules } from './network.ts';
import { observabilityRules } from './observability.ts';
import { storageRules } from './storage.ts';
import type { RuleTable, TypeRules } from './type-rules.ts';

/** Rules of all resource types that have any. */
export const resourceRules: RuleTable = {
  ...containerRules,
  ...identityRules,
  ...loadBalancingRules,
  ...messagingRules,
  ...networkRules,
  ...observabilityRules,
  ...storageRules,
};

/** Results of data sources that Terraform does not print. */
export const dataSourceRules: RuleTable = {
  aws_ecr_authorization_token: { sensitive: ['authorization_token', 'password'] },
  aws_secretsmanager_random_password: { sensitive: ['random_password'] },
  aws_secretsmanager_secret_version: { sensitive: ['secret_binary', 'secret_string'] },
  aws_ssm_parameter: { sensitive: ['value'] },
  aws_ssm_parameters_by_path: { sensitive: ['values'] },
};

/** Gives the rules of a resource type; none where it has no row. */
export function rulesOf(typeName: string): TypeRules {
  return resourceRules[typeName] ?? {};
}
