import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { type Moto, startMoto } from '../../local/aws/gateway/moto.ts';
import { ensurePythonTools } from '../../local/machine/python-tools.ts';
import { runTerraform } from '../../local/terraform/run-terraform.ts';
import { ensureTerraform } from '../../local/terraform/terraform-program.ts';
import { test } from '../../local/terraform/test/needs-terraform.ts';
import { TERRAFORM } from './tree.ts';

const BUCKET = 'shop-terraform-123456789012';
const KEY = 'prod/services.tfstate';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** While it is made it runs a command: the one moment in which the state is surely locked. */
const CODE = `
terraform {
  backend "s3" {}
}

variable "meanwhile" {
  type = string
}

resource "terraform_data" "this" {
  provisioner "local-exec" {
    command = var.meanwhile
  }
}
`;

let moto: Moto;
let s3: S3Client;
let folder: string;
let terraform: string;

beforeAll(async () => {
  terraform = await ensureTerraform();
  const { bin } = await ensurePythonTools(['moto']);
  moto = await startMoto(bin);
  s3 = new S3Client({ endpoint: moto.url, region: 'us-east-1', credentials, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  folder = await mkdtemp(join(tmpdir(), 'berth-state-lock-'));
});
afterAll(async () => {
  s3?.destroy();
  await moto?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Terraform in a checkout of its own, as two people or two jobs have. */
async function checkout(name: string) {
  const cwd = join(folder, name);
  await mkdir(cwd);
  await writeFile(join(cwd, 'main.tf'), CODE);
  const run = (...args: string[]) =>
    runTerraform({
      cwd,
      args,
      env: { ...process.env, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
      dataDir: join(cwd, '.data'),
    });
  const rehearsed = [
    `endpoints={s3="${moto.url}"}`,
    ...['skip_credentials_validation', 'skip_metadata_api_check', 'skip_requesting_account_id'].map(
      (name) => `${name}=true`,
    ),
    'use_path_style=true',
  ];
  const init = await run(
    'init',
    '-input=false',
    `-backend-config=${join(TERRAFORM, 'backends', 'prod.s3.tfbackend')}`,
    ...[`bucket=${BUCKET}`, `key=${KEY}`, ...rehearsed].map((setting) => `-backend-config=${setting}`),
  );
  expect(init).toMatchObject({ code: 0 });
  return { cwd, run };
}

test('a second apply is refused while the first one runs, and no lock is left behind', async () => {
  const [first, second] = [await checkout('first'), await checkout('second')];
  const heard = join(folder, 'second.log');
  const meanwhile = `TF_DATA_DIR=${join(second.cwd, '.data')} ${terraform} -chdir=${second.cwd} apply -auto-approve -no-color -var meanwhile=true > ${heard} 2>&1 || true`;
  const result = await first.run('apply', '-auto-approve', '-input=false', '-var', `meanwhile=${meanwhile}`);
  expect(result).toMatchObject({ code: 0 });
  expect(await readFile(heard, 'utf8')).toContain('Error acquiring the state lock');
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  expect(Contents.map(({ Key }) => Key)).toEqual([KEY]);
  expect(await second.run('apply', '-auto-approve', '-input=false', '-var', 'meanwhile=true')).toMatchObject({
    code: 0,
  });
});
