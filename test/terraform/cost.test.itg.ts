import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test as always, beforeAll, describe, expect } from '@jest/globals';
import { test } from '../../local/terraform/test/needs-terraform.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Runs the command behind `npm run cost`. */
function cost(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const program = ['--disable-warning=ExperimentalWarning', 'scripts/cost.ts', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, { cwd: ROOT, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

describe('the cost of one service in production', () => {
  let printed: string;
  beforeAll(() => {
    const { code, stdout, stderr } = cost('--env', 'prod', '--stack', 'single');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    printed = stdout;
  });

  test('stands component by component next to what the seed says', () => {
    const rows = printed.split('\n').map((line) => line.trim().split(/ {2,}/));
    const rowOf = (component: string): string[] | undefined => rows.find(([name]) => name === component);
    expect(rowOf('ECS Fargate')).toEqual(['ECS Fargate', '1', '$18.02', 'up to $36.04', '$30-50']);
    expect(rowOf('Load balancer')).toEqual(['Load balancer', '1', '$16.43', '$20']);
    expect(rowOf('NAT gateways')).toEqual(['NAT gateways', '2', '$65.70', '$90']);
    expect(rowOf('Public IPv4 addresses')).toEqual(['Public IPv4 addresses', '3', '$14.60', '$7']);
    expect(rowOf('Secrets Manager')).toEqual(['Secrets Manager', '1', '$0.40', '$1']);
    expect(rowOf('CloudWatch')).toEqual(['CloudWatch', '10', '$4.50', '$2']);
    expect(rowOf('Total')?.slice(2)).toEqual(['$120.65', 'up to $138.67', '~$150-170']);
  });

  test('says what is paid by use, and when the prices were read', () => {
    expect(printed).toContain('at list prices of us-east-1 as read on 2026-11-21, 730 hours');
    expect(printed).toContain('S3: requests and GB kept, a price that is not known here');
    expect(printed).toContain('NAT gateways: GB through them, $0.045 each GB');
  });
});

always.each([
  [[], 'No environment was named: write --env dev | staging | prod | drill.'],
  [
    ['--env', 'production'],
    'There is no environment "production": write --env dev | staging | prod | drill.',
  ],
  [['--env', 'prod', '--stack', 'all'], 'There is no stack "all": write --stack services | single.'],
])('refuses %j in a sentence', (args, sentence) => {
  expect(cost(...args)).toMatchObject({ code: 1, stdout: '', stderr: `${sentence}\n` });
});
