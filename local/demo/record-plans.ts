/**
 * Writes the plans that the demo carries out where there is no Terraform; run it after a change to `terraform/`:
 *
 *     node local/demo/record-plans.ts
 */
import { ensureTerraform } from '../terraform/terraform-program.ts';
import { recordPlans, writeRecordedPlans } from './recorded-plans.ts';

await ensureTerraform({ log: (line) => console.error(line) });
const plans = await recordPlans();
await writeRecordedPlans(plans);
for (const [name, { calls }] of Object.entries(plans)) console.log(`${name}: ${calls.length} calls`);
