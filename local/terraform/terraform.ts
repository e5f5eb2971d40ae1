/**
 * Runs Terraform with the offline AWS provider in the folder one is in:
 *
 *     node local/terraform/terraform.ts -- plan -var-file=dev.tfvars
 *     node local/terraform/terraform.ts --endpoint http://127.0.0.1:4566 -- apply
 *
 * With an endpoint resources are made on the local AWS there, without one in Terraform's state only. Keys for it
 * are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, else those of the local AWS's own account.
 */
import { parseArgs } from 'node:util';
import { createLocalBackend } from './local-backend/local-backend.ts';
import { defaultHome, runTerraform } from './run-terraform.ts';
import { ensureTerraform } from './terraform-program.ts';

const separator = process.argv.indexOf('--');
const own = separator < 0 ? [] : process.argv.slice(2, separator);
const args = process.argv.slice(separator < 0 ? 2 : separator + 1);
const { values } = parseArgs({ args: own, options: { endpoint: { type: 'string' } } });

await ensureTerraform({ log: (line) => console.error(line) });
const backend = values.endpoint === undefined ? undefined : localBackend(values.endpoint);
const { code } = await runTerraform({
  cwd: process.cwd(),
  args,
  env: process.env,
  ...(backend && { backend }),
  onOutput: (text, stream) => process[stream].write(text),
});
backend?.close();
process.exitCode = code;

function localBackend(endpoint: string) {
  const accessKeyId = process.env.AWS_ACCESS_KEY_ID ?? defaultHome.accountId;
  const secretAccessKey = process.env.AWS_SECRET_ACCESS_KEY ?? 'local';
  const sessionToken = process.env.AWS_SESSION_TOKEN;
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  return createLocalBackend({ endpoint, credentials });
}
