import type { RuleTable } from './type-rules.ts';

export const identityRules: RuleTable = {
  aws_iam_role: {
    defaults: { force_detach_policies: false, max_session_duration: 3600, path: '/' },
    replaces: ['name', 'name_prefix', 'path'],
    filled: ['inline_policy'],
    conflicts: [['name', 'name_prefix']],
  },
  aws_iam_policy: {
    defaults: { path: '/' },
    replaces: ['description', 'name', 'name_prefix', 'path'],
    conflicts: [['name', 'name_prefix']],
  },
  aws_iam_role_policy: { replaces: ['name', 'name_prefix', 'role'], conflicts: [['name', 'name_prefix']] },
  aws_iam_role_policy_attachment: { replaces: ['*'] },
  aws_iam_instance_profile: { defaults: { path: '/' }, replaces: ['name', 'name_prefix', 'path'] },
  aws_iam_openid_connect_provider: { replaces: ['url'] },
  aws_iam_access_key: { sensitive: ['secret', 'ses_smtp_password_v4'], replaces: ['user'] },
  aws_ssm_parameter: {
    replaces: ['name', 'key_id'],
    recomputed: ['version'],
    sensitive: ['value'],
    exactlyOne: [['insecure_value', 'value', 'value_wo']],
    enums: {
      tier: ['Advanced', 'Intelligent-Tiering', 'Standard'],
      type: ['SecureString', 'String', 'StringList'],
    },
  },
  aws_secretsmanager_secret: {
    defaults: { force_overwrite_replica_secret: false, recovery_window_in_days: 30 },
    replaces: ['name', 'name_prefix'],
    filled: ['replica'],
    conflicts: [['name', 'name_prefix']],
  },
  aws_secretsmanager_secret_version: {
    replaces: ['secret_id', 'secret_binary', 'secret_string', 'secret_string_wo_version'],
    sensitive: ['secret_binary', 'secret_string'],
    conflicts: [['secret_binary', 'secret_string', 'secret_string_wo']],
  },
  aws_secretsmanager_secret_policy: { replaces: ['secret_arn'] },
  aws_secretsmanager_secret_rotation: { replaces: ['secret_id'] },
  aws_kms_key: {
    defaults: {
      bypass_policy_lockout_safety_check: false,
      customer_master_key_spec: 'SYMMETRIC_DEFAULT',
      enable_key_rotation: false,
      is_enabled: true,
      key_usage: 'ENCRYPT_DECRYPT',
    },
    replaces: ['custom_key_store_id', 'customer_master_key_spec', 'key_usage', 'multi_region'],
    enums: {
      key_usage: ['ENCRYPT_DECRYPT', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT', 'SIGN_VERIFY'],
    },
  },
  aws_kms_alias: { replaces: ['name', 'name_prefix'], conflicts: [['name', 'name_prefix']] },
};
