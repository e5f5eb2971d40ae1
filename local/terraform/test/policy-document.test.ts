import { describe, expect, it } from '@jest/globals';
import { renderPolicyDocument } from '../data-sources/policy-document.ts';
import type { ObjectValue, Value } from '../protocol/value.ts';

const read = { sid: 'Read', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/*'] };

function render(statements: Value, more: ObjectValue = {}): string {
  return String(renderPolicyDocument({ statement: statements, ...more }).json);
}

describe('a policy document', () => {
  it('is rendered byte for byte as the provider does', () => {
    const statement = {
      ...read,
      actions: ['s3:GetObject', 's3:PutObject'],
      principals: [{ type: 'AWS', identifiers: ['arn:aws:iam::1:root', 'arn:aws:iam::2:root'] }],
      condition: [{ test: 'StringLike', variable: 's3:prefix', values: ['', 'home/&{aws:username}'] }],
    };
    expect(render([statement])).toBe(`{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": [
        "s3:PutObject",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::b/*",
      "Principal": {
        "AWS": [
          "arn:aws:iam::2:root",
          "arn:aws:iam::1:root"
        ]
      },
      "Condition": {
        "StringLike": {
          "s3:prefix": [
            "",
            "home/\${aws:username}"
          ]
        }
      }
    }
  ]
}`);
  });

  it('writes everybody as a star, and everybody of AWS by name', () => {
    const of = (type: string) =>
      JSON.parse(render([{ ...read, principals: [{ type, identifiers: ['*'] }] }]));
    expect(of('*').Statement[0].Principal).toBe('*');
    expect(of('AWS').Statement[0].Principal).toEqual({ AWS: '*' });
  });

  it('joins the values of one condition and the identifiers of one type', () => {
    const [statement] = JSON.parse(
      render([
        {
          ...read,
          principals: [
            { type: 'Service', identifiers: ['b.amazonaws.com'] },
            { type: 'Service', identifiers: ['a.amazonaws.com'] },
          ],
          condition: [
            { test: 'StringEquals', variable: 'k', values: ['1'] },
            { test: 'StringEquals', variable: 'k', values: ['2'] },
          ],
        },
      ]),
    ).Statement;
    expect(statement.Principal).toEqual({ Service: ['b.amazonaws.com', 'a.amazonaws.com'] });
    expect(statement.Condition).toEqual({ StringEquals: { k: ['1', '2'] } });
  });

  it('puts sources first and lets an override replace the statement of its Sid', () => {
    const document = (sid: string, action: string) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: { Sid: sid, Effect: 'Deny', Action: action, Resource: '*' },
      });
    const { Statement } = JSON.parse(
      render([read], {
        source_policy_documents: [document('First', 's3:*')],
        override_policy_documents: [document('Read', 's3:Get*')],
      }),
    );
    expect(Statement.map((item: { Sid: string; Effect: string }) => [item.Sid, item.Effect])).toEqual([
      ['First', 'Deny'],
      ['Read', 'Deny'],
    ]);
  });

  it('refuses two statements of one Sid', () => {
    expect(() => render([read, read])).toThrow('duplicate Sid (Read)');
  });

  it('escapes what Go escapes', () => {
    expect(render([{ ...read, sid: null, resources: ['a<b>&c'] }])).toContain('a\\u003cb\\u003e\\u0026c');
  });
});
