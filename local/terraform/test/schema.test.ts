import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import type { Block, CtyType } from '../schema/provider-schema.ts';
import { readProviderSchema, wantedTypesFile } from '../schema/schema-file.ts';
import { isWanted, parseWantedTypes } from '../schema/wanted-types.ts';

const schema = await readProviderSchema();

describe('the committed schema', () => {
  it('holds every wanted type and no other', async () => {
    const wanted = parseWantedTypes(await readFile(wantedTypesFile, 'utf8'));
    const kinds = {
      resource: schema.resources,
      data: schema.dataSources,
      ephemeral: schema.ephemeralResources,
    };
    for (const { kind, pattern } of wanted)
      expect(
        Object.keys(kinds[kind]).filter((type) => isWanted([{ kind, pattern }], kind, type)),
      ).not.toEqual([]);
    const extra = (['resource', 'data', 'ephemeral'] as const).flatMap((kind) =>
      Object.keys(kinds[kind]).filter((type) => !isWanted(wanted, kind, type)),
    );
    expect(extra).toEqual([]);
  });

  it('has the arguments and blocks of aws_ecs_service, nested six deep', () => {
    const service = blockOf('aws_ecs_service');
    expect(service.attributes.name).toEqual({ type: 'string', required: true });
    expect(service.attributes.arn).toEqual({ type: 'string', computed: true });
    expect(service.block_types.load_balancer).toMatchObject({ nesting_mode: 'set' });
    expect(service.block_types.timeouts).toMatchObject({ nesting_mode: 'single' });
    const value = [
      'service_connect_configuration',
      'service',
      'client_alias',
      'test_traffic_rules',
      'header',
      'value',
    ].reduce<Block | undefined>((block, name) => block?.block_types[name]?.block, service);
    expect(value?.attributes.exact).toEqual({ type: 'string', required: true });
  });

  it('tells sets from lists, blocks from arguments that are structures, and marks what is never kept', () => {
    expect(blockOf('aws_ecs_service').block_types.deployment_circuit_breaker).toMatchObject({
      nesting_mode: 'list',
      max_items: 1,
    });
    expect(blockOf('aws_security_group').attributes.ingress?.type).toMatchObject([
      'set',
      ['object', { self: 'bool' }],
    ]);
    expect(blockOf('aws_db_instance').attributes.password_wo).toMatchObject({ write_only: true });
    expect(blockOf('aws_iam_openid_connect_provider').attributes.thumbprint_list).toMatchObject({
      computed: true,
      optional: true,
    });
  });

  it('has no type that Terraform would refuse the whole schema for', () => {
    const known = (type: CtyType): boolean =>
      typeof type === 'string'
        ? ['bool', 'number', 'string'].includes(type)
        : type[0] === 'object'
          ? Object.values(type[1]).every(known)
          : known(type[1]);
    const wrong: string[] = [];
    const walk = (block: Block, at: string) => {
      for (const [name, { type }] of Object.entries(block.attributes))
        if (!known(type)) wrong.push(`${at}.${name}`);
      for (const [name, nested] of Object.entries(block.block_types)) walk(nested.block, `${at}.${name}`);
    };
    for (const types of [schema.resources, schema.dataSources, schema.ephemeralResources])
      for (const [name, block] of Object.entries(types)) walk(block, name);
    walk(schema.provider, 'provider');
    expect(wrong).toEqual([]);
  });
});

describe('the list of wanted types', () => {
  it('reads kinds, patterns and comments', () => {
    expect(
      parseWantedTypes('# network\naws_vpc\n\ndata.aws_iam_* # all\nephemeral.aws_ssm_parameter'),
    ).toEqual([
      { kind: 'resource', pattern: 'aws_vpc' },
      { kind: 'data', pattern: 'aws_iam_*' },
      { kind: 'ephemeral', pattern: 'aws_ssm_parameter' },
    ]);
  });

  it('refuses what is no type and says what to write', () => {
    expect(() => parseWantedTypes('google_thing')).toThrow('write aws_vpc, data.aws_vpc');
  });
});

function blockOf(type: string): Block {
  const block = schema.resources[type];
  if (block === undefined) throw new Error(`${type} is not in the schema`);
  return block;
}
