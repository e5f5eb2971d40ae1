/**
 * Runs Terraform with the offline AWS provider in the folder one is in:
 *
 *     node local/terraform/terraform.ts -- plan -var-file=dev.tfvars
 */
import { hasTerraform, runTerraform } from './run-terraform.ts';

const separator = process.argv.indexOf('--');
const args = process.argv.slice(separator < 0 ? 2 : separator + 1);
if (!(await hasTerraform(process.env))) {
  console.error('berth: terraform is not on PATH: install Terraform 1.11 or newer.');
  process.exit(127);
}
const { code, stdout, stderr } = await runTerraform({ cwd: process.cwd(), args, env: process.env });
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code;
