import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { costChange, costOf } from '../../src/decide/cost/plan-cost.ts';
import type { PriceTable } from '../../src/decide/cost/price-table.ts';
import { readCheckov } from '../../src/decide/policy-findings.ts';
import { renderCostSentence, renderUsd } from '../../src/report/cost.ts';
import { renderPlanReport } from '../../src/report/plan-report.ts';
import { readPlan, resourcesAfter, resourcesBefore } from '../../src/terraform/plan-json.ts';
import { type ChangeDocument, planDocument } from '../doubles/plan-documents.ts';

const table: PriceTable = {
  region: 'us-east-1',
  read: '2026-11-21',
  hoursPerMonth: 730,
  prices: { secret: { usd: 0.4, unit: 'month', certainty: 'one page', source: 'a page' } },
};

function report(changes: readonly ChangeDocument[], text = 'Plan: something', checkov?: string): string {
  const plan = readPlan(planDocument(changes));
  return renderPlanReport({
    environment: 'prod',
    root: 'terraform/stacks/services',
    plan,
    text,
    cost: costChange(costOf(resourcesBefore(plan), table), costOf(resourcesAfter(plan), table)),
    prices: 'list prices of us-east-1, read 2026-11-21',
    policy:
      checkov === undefined
        ? { kind: 'not-checked', why: 'there is no checkov on the runner' }
        : readCheckov(checkov),
    notes: ['commit abc'],
  });
}

const secret: ChangeDocument = {
  address: 'aws_secretsmanager_secret.token',
  actions: ['create'],
  after: { name: 'token' },
};
const gone: ChangeDocument = {
  address: 'aws_sqs_queue.mails',
  actions: ['delete'],
  before: { name: 'mails' },
};

describe('the report of a plan', () => {
  test('says in one line what changes, what it costs and which rules it breaks', () => {
    expect(report([secret, gone])).toContain(
      '**1 to add, 0 to change, 1 to destroy** · this change: +$0.40 a month · policies not checked: there is no checkov on the runner',
    );
    expect(report([])).toContain('**no changes** · this change: no cost a month');
  });

  test('shows what is lost first', () => {
    expect(report([secret, gone])).toContain(
      '| **destroy** | `aws_sqs_queue.mails` |\n| add | `aws_secretsmanager_secret.token` |',
    );
  });

  test('names what has no known price', () => {
    const page = report([{ address: 'aws_nat_gateway.a', actions: ['create'], after: {} }]);
    expect(page).toContain('nat-gateway, for which the table has no price (aws_nat_gateway.a)');
    expect(page).toContain('- NAT gateways: GB through them, a price that is not known here');
  });

  test('shows the findings of checkov, and says when its report is none', () => {
    const found = {
      results: {
        failed_checks: [
          { check_id: 'CKV_AWS_27', check_name: 'Encrypt | it', resource: 'aws_sqs_queue.mails' },
        ],
      },
    };
    expect(report([gone], '', JSON.stringify(found))).toContain(
      '| CKV_AWS_27 | Encrypt \\| it | `aws_sqs_queue.mails` |',
    );
    expect(report([gone], '', JSON.stringify([found, found]))).toContain('2 policy findings');
    expect(report([gone], '', '{"passed": 3}')).toContain('no policy findings');
    expect(report([gone], '', 'Traceback')).toContain(
      'policies not checked: what checkov printed is no report',
    );
  });

  test('fits into a comment, however long the plan is, cut at the end of a line', () => {
    const many = Array.from({ length: 400 }, (_, i) => ({
      ...secret,
      address: `aws_secretsmanager_secret.s["${i}"]`,
    }));
    const page = report(many, `${'a line of the plan\n'.repeat(20_000)}`);
    expect(page.length).toBeLessThan(65_000);
    expect(page).toContain('… and 350 more, in the plan below.');
    expect(page).toContain('a line of the plan\n… cut here; the whole plan is in the log of the run.\n```');
  });

  test('keeps its fold whatever the plan’s text holds', () => {
    const ticks = fc.array(fc.constantFrom('`', '```', '````', '\n', 'x', '</details>'), { maxLength: 40 });
    fc.assert(
      fc.property(ticks, (parts) => {
        const lines = report([], parts.join('')).split('\n');
        const [open = ''] = lines.filter((line) => /^`{3,}text$/.test(line));
        const fence = open.replace('text', '');
        expect(lines.filter((line) => line === fence)).toHaveLength(1);
      }),
    );
  });
});

test.each([
  [0, '$0.00'],
  [12.4, '$12.40'],
  [1234.5, '$1,234.50'],
  [1_234_567, '$1,234,567.00'],
])('%d dollars are %s', (usd, text) => {
  expect(renderUsd(usd)).toBe(text);
});

test.each([
  [12.4, 'this change: +$12.40 a month'],
  [-3.1, 'this change: −$3.10 a month'],
])('a change of %d is "%s"', (usd, text) => {
  expect(renderCostSentence({ usd, before: 0, after: usd, lines: [], leftOut: [], byUse: [] })).toBe(text);
});
