import { describe, expect, it } from '@jest/globals';
import { fromSdk, sdkName, toSdk } from '../local-backend/sdk-names.ts';
import type { Block } from '../schema/provider-schema.ts';

const block: Block = {
  attributes: {
    max_capacity: { type: 'number', required: true },
    role_arn: { type: 'string', optional: true },
    subnets: { type: ['set', 'string'], optional: true },
    created: { type: 'string', computed: true },
  },
  block_types: {
    breaker: {
      nesting_mode: 'list',
      max_items: 1,
      block: { attributes: { enable: { type: 'bool', required: true } }, block_types: {} },
    },
    balancer: {
      nesting_mode: 'set',
      block: { attributes: { container_port: { type: 'number', required: true } }, block_types: {} },
    },
  },
};
const written = {
  max_capacity: 4,
  role_arn: null,
  subnets: ['a'],
  created: null,
  breaker: [{ enable: true }],
  balancer: [{ container_port: 80 }],
};

describe('names of the SDK', () => {
  it.each([
    ['max_capacity', 'maxCapacity', 'MaxCapacity'],
    ['arn', 'arn', 'Arn'],
  ])('of %s are %s and %s', (name, camel, pascal) => {
    expect(sdkName(name, { style: 'camel' })).toBe(camel);
    expect(sdkName(name, { style: 'pascal' })).toBe(pascal);
  });

  it('may be exceptions', () => {
    expect(sdkName('ok_actions', { style: 'pascal', names: { ok_actions: 'OKActions' } })).toBe('OKActions');
  });
});

describe('arguments for the SDK', () => {
  it('leave out what is not written; a block that occurs once is a structure', () => {
    expect(toSdk(block, written, { style: 'camel' })).toEqual({
      balancer: [{ containerPort: 80 }],
      breaker: { enable: true },
      maxCapacity: 4,
      subnets: ['a'],
    });
  });

  it('are the named ones where some are named', () => {
    expect(toSdk(block, written, { style: 'pascal' }, ['max_capacity'])).toEqual({ MaxCapacity: 4 });
  });
});

describe('an answer of the SDK', () => {
  it('becomes arguments of the schema’s types, every name of a block present', () => {
    const answer = {
      maxCapacity: '4',
      created: new Date(0),
      breaker: { enable: 'true' },
      balancer: [{ containerPort: 80 }, {}],
      unknown: 1,
    };
    expect(fromSdk(block, answer, { style: 'camel' })).toEqual({
      balancer: [{ container_port: 80 }, { container_port: null }],
      breaker: [{ enable: true }],
      created: '1970-01-01T00:00:00.000Z',
      max_capacity: 4,
    });
  });

  it('is what was sent', () => {
    const sent = toSdk(block, written, { style: 'pascal' });
    expect(fromSdk(block, sent, { style: 'pascal' })).toEqual({
      balancer: written.balancer,
      breaker: written.breaker,
      max_capacity: 4,
      subnets: ['a'],
    });
  });
});
