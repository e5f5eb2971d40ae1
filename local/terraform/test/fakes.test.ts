import { describe, expect, it } from '@jest/globals';
import { createPlanBackend } from '../plan-backend/plan-backend.ts';
import { resultShapes } from '../plan-backend/result-shapes.ts';
import { hasUnknown, type ObjectValue, UNKNOWN } from '../protocol/value.ts';
import { emptyValue } from '../provider/empty-value.ts';
import { planChange } from '../provider/plan-change.ts';
import { readProviderSchema } from '../schema/schema-file.ts';

const { resources, dataSources } = await readProviderSchema();
const settings = { region: 'us-east-1', accountId: '123456789012', defaultTags: {} };

async function make(
  typeName: string,
  written: ObjectValue,
  backend = createPlanBackend(),
): Promise<ObjectValue> {
  const block = resources[typeName];
  if (block === undefined) throw new Error(typeName);
  const proposed = { ...emptyValue(block), ...written };
  const { planned } = planChange({ block, rules: {}, settings, prior: null, proposed });
  return await backend.create({ typeName, block, settings }, planned as ObjectValue);
}

describe('a made-up result', () => {
  it.each(Object.keys(resources))('of %s leaves nothing unknown', async (typeName) => {
    expect(hasUnknown(await make(typeName, {}))).toBe(false);
  });

  it('is the same at every run and another for other arguments', async () => {
    const [one, same, other] = await Promise.all([
      make('aws_subnet', { cidr_block: '10.0.1.0/24' }),
      make('aws_subnet', { cidr_block: '10.0.1.0/24' }),
      make('aws_subnet', { cidr_block: '10.0.2.0/24' }),
    ]);
    expect(one).toEqual(same);
    expect(one.id).not.toBe(other.id);
  });

  it('is another for a twin of the same apply', async () => {
    const backend = createPlanBackend();
    const first = await make('aws_eip', { domain: 'vpc' }, backend);
    const second = await make('aws_eip', { domain: 'vpc' }, backend);
    expect(first.id).not.toBe(second.id);
  });

  it('looks like what AWS answers', async () => {
    expect(await make('aws_sqs_queue', { name: 'q' })).toMatchObject({
      arn: 'arn:aws:sqs:us-east-1:123456789012:q',
      id: 'https://sqs.us-east-1.amazonaws.com/123456789012/q',
    });
    expect((await make('aws_vpc', {})).id).toMatch(/^vpc-[0-9a-f]{17}$/);
  });

  it('stands in for what is unknown only', async () => {
    const made = await make('aws_iam_role', { name: 'r', path: '/ci/', assume_role_policy: UNKNOWN });
    expect(made).toMatchObject({ name: 'r', arn: 'arn:aws:iam::123456789012:role/ci/r' });
  });

  it('has shapes only for types and results that there are', () => {
    const unknown = Object.entries(resultShapes).flatMap(([type, shapes]) =>
      Object.keys(shapes)
        .filter((name) => resources[type]?.attributes[name] === undefined)
        .map((name) => `${type}.${name}`),
    );
    expect(unknown).toEqual([]);
  });
});

describe('a data source', () => {
  const read = async (typeName: string, config: ObjectValue = {}) => {
    const block = dataSources[typeName];
    if (block === undefined) throw new Error(typeName);
    return await createPlanBackend().readData(
      { typeName, block, settings },
      { ...emptyValue(block), ...config },
    );
  };

  it.each(Object.keys(dataSources))('%s leaves nothing unknown', async (typeName) => {
    expect(hasUnknown(await read(typeName))).toBe(false);
  });

  it('follows from its arguments and the provider block where it can', async () => {
    expect(await read('aws_availability_zones')).toMatchObject({
      names: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
      zone_ids: ['use1-az1', 'use1-az2', 'use1-az3'],
    });
    expect(await read('aws_caller_identity')).toMatchObject({ account_id: '123456789012' });
    expect(await read('aws_partition')).toMatchObject({ partition: 'aws', dns_suffix: 'amazonaws.com' });
    expect(await read('aws_region')).toMatchObject({ region: 'us-east-1' });
    expect(await read('aws_arn', { arn: 'arn:aws:rds:eu-west-1:1:db:mysql' })).toMatchObject({
      account: '1',
      resource: 'db:mysql',
      service: 'rds',
    });
  });
});
