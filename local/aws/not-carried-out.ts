type Parameters = Readonly<Record<string, readonly string[]>>;

/** Top-level parameters of ECS that are refused by name: nothing here would do what they ask for. */
export const ECS_NOT_CARRIED_OUT: Parameters = {
  CreateService: ['gatewayConnectors', 'monitoring'],
  UpdateService: ['gatewayConnectors', 'monitoring'],
  ListServices: ['resourceManagementType'],
  ListTasks: ['daemonName'],
};

export const ELBV2_NOT_CARRIED_OUT: Parameters = {
  CreateLoadBalancer: ['CustomerOwnedIpv4Pool', 'EnablePrefixForIpv6SourceNat', 'IpamPools'],
  CreateTargetGroup: ['TargetControlPort'],
  DescribeTargetHealth: ['Include'],
  ModifyRule: ['ResetTransforms'],
  SetSecurityGroups: ['EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic'],
  SetSubnets: ['EnablePrefixForIpv6SourceNat'],
};

export const STS_NOT_CARRIED_OUT: Parameters = {
  AssumeRole: ['SerialNumber', 'TokenCode', 'SourceIdentity', 'ProvidedContexts'],
  AssumeRoleWithWebIdentity: ['ProviderId'],
};

export const IAM_NOT_CARRIED_OUT: Parameters = {
  SimulatePrincipalPolicy: ['ResourcePolicy', 'ResourceOwner', 'CallerArn', 'ResourceHandlingOption'],
};
