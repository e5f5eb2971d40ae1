import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunCommand } from '../command.ts';
import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';

/** Digests of the pinned release's archives, as HashiCorp's SHA256SUMS of 1.11.4 has them. */
const PINNED: Readonly<Record<string, string>> = {
  '1.11.4_linux_amd64': '1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc',
  '1.11.4_linux_arm64': 'a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633',
};
const OLDEST = [1, 11] as const;
const RELEASES = 'https://releases.hashicorp.com/terraform';
const PATIENCE_MS = 120_000;

interface Machine {
  readonly command: RunCommand;
  readonly env: Readonly<Record<string, string>>;
  /** A folder of the job. */
  readonly temp: string;
  readonly log: Log;
  readonly platform?: string;
}

/**
 * The Terraform to run: the runner's own where it is 1.11 or newer, else the wanted release, fetched once a job and
 * held against its digest: the pinned one against what stands here, others against the release's own list.
 */
export async function findTerraform(version: string, machine: Machine): Promise<string> {
  const there = await tryVersion(machine);
  if (there && isNewEnough(there)) {
    machine.log.info(`Terraform ${there} of the runner.`);
    return 'terraform';
  }
  const platform =
    machine.platform ?? `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const name = `terraform_${version}_${platform}.zip`;
  const archive = await download(`${RELEASES}/${version}/${name}`);
  const expected = PINNED[`${version}_${platform}`] ?? (await listedDigest(version, name));
  const actual = createHash('sha256').update(archive).digest('hex');
  if (actual !== expected) {
    throw new UserError('TERRAFORM_WRONG_DIGEST', `${name} has the digest ${actual}; expected ${expected}.`);
  }
  machine.log.info(`Terraform ${version}, sha256:${actual}.`);
  return unpack(archive, name, machine);
}

async function tryVersion({ command, env }: Machine): Promise<string | undefined> {
  const { stdout } = await command('terraform', ['version', '-json'], { env }).catch(() => ({ stdout: '' }));
  return /"terraform_version":\s*"([\d.]+)/.exec(stdout)?.[1];
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

async function listedDigest(version: string, name: string): Promise<string> {
  const list = (await download(`${RELEASES}/${version}/terraform_${version}_SHA256SUMS`)).toString('utf8');
  const line = list.split('\n').find((one) => one.endsWith(`  ${name}`));
  if (line) return line.slice(0, 64);
  throw new UserError('TERRAFORM_NOT_FOUND', `Terraform ${version} has no ${name}; write another version.`);
}

async function download(url: string): Promise<Buffer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch((error: Error) => {
    throw new UserError('TERRAFORM_NOT_FOUND', `${url} could not be fetched: ${error.message}.`);
  });
  if (answer.ok) return Buffer.from(await answer.arrayBuffer());
  throw new UserError(
    'TERRAFORM_NOT_FOUND',
    `${url} answered ${answer.status}; set "terraform-version" to a release that is there, or install Terraform on the runner.`,
  );
}

async function unpack(archive: Buffer, name: string, { command, env, temp }: Machine): Promise<string> {
  const folder = join(temp, 'berth-terraform');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), archive);
  const { exitCode, stderr } = await command(
    'unzip',
    ['-oq', join(folder, name), 'terraform', '-d', folder],
    { env },
  );
  if (exitCode === 0) return join(folder, 'terraform');
  throw new UserError('TERRAFORM_NOT_UNPACKED', `unzip could not unpack ${name}: ${stderr.trim()}`);
}
