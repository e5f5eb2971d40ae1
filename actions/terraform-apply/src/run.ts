import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { s3Client } from '../../core/src/aws-clients.ts';
import type { RunCommand } from '../../core/src/command.ts';
import type { ActionDeps, ActionResult } from '../../core/src/github/action-run.ts';
import type { InputsOf } from '../../core/src/github/inputs.ts';
import { fetchPlan } from '../../core/src/terraform/kept-plan.ts';
import { openTerraform } from '../../core/src/terraform/terraform.ts';
import { statePlaceOf } from '../../core/src/terraform/terraform-inputs.ts';
import type { inputs, outputs } from './inputs.ts';

type Inputs = InputsOf<typeof inputs>;
type Deps = ActionDeps & { readonly command: RunCommand };

/** Applies the plan with the given digest. A plan that is another, or older than the state, changes nothing. */
export async function run(given: Inputs, deps: Deps): Promise<ActionResult<(typeof outputs)[number]>> {
  const place = statePlaceOf(given);
  const access = deps.access({ role: given['role-to-assume'], region: given.region });
  const folder = await mkdtemp(join(deps.github.temp, 'berth-apply-'));
  try {
    const file = join(folder, 'plan.tfplan');
    await fetchPlan(given.digest, file, place, s3Client(access));
    const terraform = await openTerraform(given, deps);
    await deps.log.group('terraform init', () => terraform.init());
    const result = await deps.log.group('terraform apply', () => terraform.apply(file));
    deps.log.info(result);
    await deps.summary(
      `### Terraform: ${given.environment}, \`${given.root}\`\n\n${result} Plan \`${given.digest}\`.`,
    );
    return { outputs: { result } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
