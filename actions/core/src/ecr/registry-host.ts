/**
 * Hosts of private registries, in every partition that has a public name, those of FIPS and of dual-stack among them.
 * Source: ECR user guide, "Amazon ECR private registry", and endpoints of ECR (read 2026-11).
 */
const HOST = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([\w-]+)\.(?:amazonaws\.(?:com|com\.cn|eu)|on\.aws)$/;

/** The registry (an account) and the region behind a host of ECR; `undefined` for other hosts. */
export function tryEcrHost(host: string): { registryId: string; region: string } | undefined {
  const [, registryId, region] = HOST.exec(host) ?? [];
  return registryId && region ? { registryId, region } : undefined;
}
