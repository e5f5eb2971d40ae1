import type { ObjectValue } from '../../protocol/value.ts';
import type { Known, Rows } from '../row.ts';
import { plain, present, type Shape, shape, shapes, text } from '../shape.ts';
import { allTags, tagList, tagsOf } from '../tags.ts';

/** SSM parameters. */
export const ssmRows: Rows = {
  aws_ssm_parameter: {
    service: 'ssm',
    create: [
      {
        command: 'PutParameter',
        input: (value) => ({ ...parameter(value), Tags: tagList(allTags(value)), Overwrite: false }),
        result: (_, { name }) => ({ id: name ?? null }),
      },
    ],
    read: [
      {
        command: 'GetParameter',
        input: ({ id }) => ({ Name: id, WithDecryption: true }),
        state: ({ Parameter }, value) => parameterState(shape(Parameter), value),
      },
      {
        command: 'DescribeParameters',
        input: ({ id }) => ({ ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values: [id] }] }),
        state: ({ Parameters }) => {
          const [found = {}] = shapes(Parameters);
          return {
            allowed_pattern: plain(found.AllowedPattern),
            description: plain(found.Description),
            key_id: plain(found.KeyId),
            tier: text(found.Tier) || 'Standard',
          };
        },
      },
    ],
    update: [
      {
        command: 'PutParameter',
        names: [
          'allowed_pattern',
          'data_type',
          'description',
          'insecure_value',
          'tier',
          'type',
          'value',
          'value_wo_version',
        ],
        input: (value) => ({ ...parameter(value), Overwrite: true }),
      },
    ],
    delete: [{ command: 'DeleteParameter', input: ({ id }) => ({ Name: id }) }],
    tags: {
      read: {
        command: 'ListTagsForResource',
        input: ({ id }) => ({ ResourceType: 'Parameter', ResourceId: id }),
        tags: ({ TagList }) => tagsOf(TagList),
      },
      set: {
        command: 'AddTagsToResource',
        input: ({ id }, tags) => ({ ResourceType: 'Parameter', ResourceId: id, Tags: tagList(tags) }),
      },
      unset: {
        command: 'RemoveTagsFromResource',
        input: ({ id }, TagKeys) => ({ ResourceType: 'Parameter', ResourceId: id, TagKeys }),
      },
    },
    import: (id) => ({ name: id }),
  },
};

function parameter(value: Known): Shape {
  return present({
    Name: value.name,
    Type: value.type,
    Value: value.value_wo ?? value.value ?? value.insecure_value,
    Description: value.description,
    KeyId: value.key_id || undefined,
    Tier: value.tier || undefined,
    AllowedPattern: value.allowed_pattern,
    DataType: value.data_type || undefined,
  });
}

/** A value that was given write-only is in no state. */
function parameterState(found: Shape, value: Known): ObjectValue {
  const isHidden = value.has_value_wo === true || (value.value_wo ?? null) !== null;
  const isInsecure =
    value.insecure_value !== null && value.insecure_value !== undefined && value.insecure_value !== '';
  const answered = plain(found.Value);
  return {
    arn: plain(found.ARN),
    data_type: text(found.DataType) || 'text',
    has_value_wo: isHidden,
    insecure_value: isInsecure ? answered : null,
    name: plain(found.Name),
    type: plain(found.Type),
    value: isHidden ? '' : answered,
    version: plain(found.Version),
  };
}
