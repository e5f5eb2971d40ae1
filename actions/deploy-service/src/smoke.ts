import type { ActionDeps } from '../../core/src/github/action-run.ts';
import type { Target } from '../../core/src/github/target-inputs.ts';
import type { DeployInputs } from './inputs.ts';
import type { WantedService } from './wanted-services.ts';
import type { Prove } from './waves.ts';

/** What is deployed, and whether this process tests all of it or only what others need. */
interface SmokeGround {
  target: Target;
  wanted: readonly WantedService[];
  isAllTested: boolean;
}

/**
 * Checks the smoke files of all services before AWS is asked anything: a mistyped key must not cost a deployment and
 * its way back. Those this process tests must have all their values; of the others the form is checked, as a later
 * step may have more of them. Gives what asks services, each once, the questions of their files; it loads its code
 * only where there is a file. Throws `SMOKE_NOT_FOUND` or `SMOKE_INVALID`.
 */
export async function openSmoke(
  given: DeployInputs,
  { target, wanted, isAllTested }: SmokeGround,
  deps: ActionDeps,
): Promise<Prove> {
  const { manifest, environment } = target;
  const needed = new Set(wanted.flatMap(({ needs }) => needs));
  const files = wanted.flatMap(({ service, smoke }) => (smoke === undefined ? [] : [{ service, smoke }]));
  if (files.length === 0) return async () => undefined;
  const { assertSmokeForm, readSuite } = await import('../../core/src/smoke/suites.ts');
  const ground = { manifest, environment, github: deps.github };
  for (const { service, smoke } of files) {
    if (isAllTested || needed.has(service)) await readSuite(smoke, service, given, ground);
    else await assertSmokeForm(smoke, service, ground);
  }
  const asked = new Set<string>();
  return async (items) => {
    const deployments = items.filter(({ service, smoke }) => smoke !== undefined && !asked.has(service));
    if (deployments.length === 0) return undefined;
    for (const { service } of deployments) asked.add(service);
    const { testServices } = await import('../../core/src/smoke/smoke-test.ts');
    const role = given['role-to-assume'] ?? environment?.roles.deploy;
    const request = { ...given, deployments, file: undefined, region: target.region, 'role-to-assume': role };
    return (await testServices(request, deps)).failure;
  };
}
