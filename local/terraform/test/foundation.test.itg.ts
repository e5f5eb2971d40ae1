import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeSelfSigned } from '../../aws/elbv2/tls/self-signed.ts';
import { type LocalAws, startLocalAws } from '../../aws/local-aws.ts';
import { repositoryFolder, thisMachine } from '../../machine/machine.ts';
import { createLocalBackend } from '../local-backend/local-backend.ts';
import { runTerraform } from '../run-terraform.ts';
import { ensureTerraform } from '../terraform-program.ts';

const credentials = { accessKeyId: '123456789012', secretAccessKey: 'local' };
const settings = ['-no-color', '-var', 'environment=dev', '-var', 'rehearsal=true'];
let aws: LocalAws;
let folder = '';
let backend: ReturnType<typeof createLocalBackend>;

beforeAll(async () => {
  await ensureTerraform();
  aws = await startLocalAws({ timeScale: 0.05 });
  folder = await mkdtemp(join(tmpdir(), 'berth-foundation-'));
  backend = createLocalBackend({ endpoint: aws.endpoint, credentials });
  await cp(join(repositoryFolder, 'terraform'), folder, { recursive: true });
  const override = 'terraform {\n  backend "local" {}\n}\n';
  await writeFile(join(folder, 'stacks', 'foundation', 'override.tf'), override);
  await storeCertificate();
});

afterAll(async () => {
  backend?.close();
  await aws?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('the foundation on the local AWS', () => {
  it('is made, is what the plan says, and leaves nothing', async () => {
    await terraform('init');
    await terraform('apply', '-auto-approve', ...settings);
    expect((await terraform('state', 'list')).trim().split('\n').length).toBeGreaterThan(100);
    expect(await terraform('plan', ...settings)).toContain('No changes.');
    await terraform('destroy', '-auto-approve', ...settings);
    expect(await terraform('state', 'list')).toBe('');
  });
});

async function terraform(...args: string[]): Promise<string> {
  const cwd = join(folder, 'stacks', 'foundation');
  const dataDir = join(cwd, '.terraform');
  const { code, stdout, stderr } = await runTerraform({
    cwd,
    args,
    env: thisMachine().env,
    backend,
    dataDir,
  });
  if (code !== 0) throw new Error(`terraform ${args[0]}:\n${stderr}`);
  return stdout;
}

/** What a self-signed load balancer reads: the foundation does not make keys. */
async function storeCertificate(): Promise<void> {
  const { certificatePem, privateKeyPem } = makeSelfSigned(['localhost'], Date.now(), randomBytes(8));
  const client = new SSMClient({ endpoint: aws.endpoint, region: 'us-east-1', credentials });
  const put = async (Name: string, Type: 'SecureString' | 'String', Value: string) =>
    await client.send(new PutParameterCommand({ Name, Type, Value }));
  await put('/dev/tls/certificate', 'String', certificatePem);
  await put('/dev/tls/private-key', 'SecureString', privateKeyPem);
  client.destroy();
}
