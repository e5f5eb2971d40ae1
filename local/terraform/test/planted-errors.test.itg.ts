import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { thisMachine } from '../../machine/machine.ts';
import { runTerraform, type TerraformResult } from '../run-terraform.ts';
import { ensureTerraform } from '../terraform-program.ts';
import { it } from './needs-terraform.ts';

const head = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n';

/** Each with the line that is wrong, and the words that Terraform or the provider have for it. */
const planted: readonly [string, string, number, string][] = [
  ['a typo in an argument', 'resource "aws_sqs_queue" "q" {\n  nmae = "q"\n}', 2, 'Unsupported argument'],
  [
    'a wrong type',
    'resource "aws_vpc" "v" {\n  enable_dns_support = "perhaps"\n}',
    2,
    'Incorrect attribute value type',
  ],
  ['a missing argument', 'resource "aws_ecs_cluster" "c" {\n}', 1, 'Missing required argument'],
  [
    'too many blocks',
    'resource "aws_ecs_service" "s" {\n  name = "s"\n  network_configuration {\n    subnets = ["a"]\n  }\n  network_configuration {\n    subnets = ["b"]\n  }\n}',
    6,
    'Too many network_configuration blocks',
  ],
  ['an unknown resource', 'resource "aws_sqs_queues" "q" {\n}', 1, 'Invalid resource type'],
  [
    'an unknown attribute',
    'resource "aws_vpc" "v" {\n}\noutput "o" {\n  value = aws_vpc.v.name\n}',
    4,
    'Unsupported attribute',
  ],
  [
    'a bad ignore_changes',
    'resource "aws_vpc" "v" {\n  lifecycle {\n    ignore_changes = [cidr]\n  }\n}',
    3,
    'Unsupported attribute',
  ],
  [
    'a value for what is decided',
    'resource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/16"\n  owner_id   = "1"\n}',
    3,
    'Value for unconfigurable attribute',
  ],
  [
    'a value that is none',
    'resource "aws_ecs_service" "s" {\n  name        = "s"\n  launch_type = "FARGATE_SPOT"\n}',
    3,
    'Invalid value for launch_type',
  ],
];

let folder = '';

beforeAll(async () => {
  await ensureTerraform();
  folder = await mkdtemp(join(tmpdir(), 'berth-planted-'));
  await writeFile(join(folder, 'main.tf'), head);
  expect((await terraform('init')).code).toBe(0);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('terraform validate', () => {
  it.each(planted)('finds %s with file and line', async (_, text, line, words) => {
    await writeFile(join(folder, 'planted.tf'), text);
    const { code, stdout } = await terraform('validate', '-json');
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
    expect(code).toBe(1);
    expect(diagnostics.map(({ summary, range }) => [range.filename, range.start.line, summary])).toEqual([
      ['planted.tf', line, expect.stringContaining(words)],
    ]);
  });

  it('names the list of types where one may be missing', async () => {
    await writeFile(join(folder, 'planted.tf'), 'resource "aws_neptune_cluster" "n" {\n}');
    const { stderr } = await terraform('validate', '-no-color');
    expect(stderr).toContain('local/terraform/schema/wanted-types.txt');
    expect(stderr).toContain('aws_neptune_cluster');
  });
});

describe('terraform apply without a cloud', () => {
  it('makes results up, and a second plan finds nothing to do', async () => {
    await writeFile(
      join(folder, 'planted.tf'),
      [
        'provider "aws" {\n  alias  = "west"\n  region = "us-west-2"\n}',
        'resource "aws_eip" "n" {\n  count  = 2\n  domain = "vpc"\n}',
        'resource "aws_sqs_queue" "west" {\n  provider = aws.west\n  name     = "q"\n}',
        'data "aws_iam_policy_document" "send" {\n  statement {\n    actions   = ["sqs:SendMessage"]\n    resources = [aws_sqs_queue.west.arn]\n  }\n}',
        'resource "aws_iam_policy" "send" {\n  name   = "send"\n  policy = data.aws_iam_policy_document.send.json\n}',
        'output "queue" {\n  value = aws_sqs_queue.west.arn\n}',
        'output "addresses" {\n  value = length(distinct(aws_eip.n[*].id))\n}',
      ].join('\n'),
    );
    expect((await terraform('apply', '-auto-approve')).code).toBe(0);
    const outputs = JSON.parse((await terraform('output', '-json')).stdout);
    expect(outputs.queue.value).toBe('arn:aws:sqs:us-west-2:123456789012:q');
    expect(outputs.addresses.value).toBe(2);
    expect((await terraform('plan', '-detailed-exitcode')).code).toBe(0);
  });
});

type Diagnostic = { summary: string; range: { filename: string; start: { line: number } } };

async function terraform(...args: string[]): Promise<TerraformResult> {
  const dataDir = join(folder, '.terraform');
  return await runTerraform({ cwd: folder, args, env: thisMachine().env, dataDir });
}
