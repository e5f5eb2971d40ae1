import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import nock from 'nock';
import type { RunCommand } from '../../src/command.ts';
import { findTerraform } from '../../src/terraform/terraform-program.ts';
import { recordingLog } from '../doubles/recording-log.ts';

const temp = mkdtempSync(join(tmpdir(), 'berth-terraform-program-'));
afterAll(() => {
  nock.restore();
  rmSync(temp, { recursive: true });
});
beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});

const find = (version: string, there: string | undefined, platform = 'linux_amd64') => {
  const command: RunCommand = async (program) => {
    if (program !== 'terraform') return { exitCode: 0, stdout: '', stderr: '' };
    if (there === undefined) throw new Error('Unable to locate executable file: terraform');
    return { exitCode: 0, stdout: `{"terraform_version": "${there}"}`, stderr: '' };
  };
  return findTerraform(version, { command, env: {}, temp, log: recordingLog(), platform });
};
const releases = (version: string, file: string) =>
  nock('https://releases.hashicorp.com').get(`/terraform/${version}/${file}`);

test.each(['1.11.0', '1.14.2', '2.0.0'])('takes the runner’s Terraform %s', async (there) => {
  expect(await find('1.11.4', there)).toBe('terraform');
});

test.each([undefined, '1.10.5', '0.15.0'])('fetches one where the runner has %s', async (there) => {
  const archive = Buffer.from('an archive');
  const digest = createHash('sha256').update(archive).digest('hex');
  releases('1.12.0', 'terraform_1.12.0_linux_amd64.zip').reply(200, archive);
  releases('1.12.0', 'terraform_1.12.0_SHA256SUMS').reply(
    200,
    `${digest}  terraform_1.12.0_linux_amd64.zip\n`,
  );
  expect(await find('1.12.0', there)).toBe(join(temp, 'berth-terraform', 'terraform'));
});

test('holds the pinned release against the digest that stands in the code', async () => {
  releases('1.11.4', 'terraform_1.11.4_linux_amd64.zip').reply(200, 'something else');
  await expect(find('1.11.4', undefined)).rejects.toThrow('expected 1ce994251c00');
});

test('says where it looked for a release that is not there', async () => {
  releases('1.99.0', 'terraform_1.99.0_linux_amd64.zip').reply(404);
  await expect(find('1.99.0', undefined)).rejects.toThrow(
    'set "terraform-version" to a release that is there',
  );
});
