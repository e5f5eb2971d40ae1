import { describe, expect, it } from '@jest/globals';
import { hintOf } from '../type-hint.ts';

describe('the hint at a type that is not served', () => {
  it.each([
    ['does not support resource type\n"aws_a".', 'aws_a'],
    ['does not support data source\ntype "aws_a".', 'data.aws_a'],
    ['does not support ephemeral resource type "aws_a".', 'ephemeral.aws_a'],
  ])('reads %j', (output, line) => {
    expect(hintOf(`The provider hashicorp/aws ${output}`)).toContain(`If AWS has ${line}, add it there`);
  });

  it('is silent at any other output', () => {
    expect(hintOf('Error: Unsupported argument')).toBe('');
  });
});
