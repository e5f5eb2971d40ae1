import { json, optionalText, pairs, text } from '../../core/src/github/inputs.ts';
import { regionInput, roleInput } from '../../core/src/github/target-inputs.ts';

/** A service to render and the tag its image was pushed under. */
export interface TaggedService {
  readonly name: string;
  readonly tag: string;
}

export const inputs = {
  manifest: text('berth.yaml'),
  environment: optionalText(),
  services: json(
    'the JSON list that detect-changes gives: [{"name": "email-api", "tag": "src-…"}]',
    isTaggedServices,
  ),
  'task-definition': optionalText(),
  images: pairs(),
  'environment-variables': pairs(),
  'role-to-assume': roleInput(),
  region: regionInput(),
};

export const outputs = ['task-definition', 'task-definitions'] as const;

function isTaggedServices(value: unknown): value is readonly TaggedService[] {
  const isTagged = (item: unknown): boolean => {
    const { name, tag } = (item ?? {}) as Partial<Record<keyof TaggedService, unknown>>;
    return typeof name === 'string' && typeof tag === 'string';
  };
  return Array.isArray(value) && value.every(isTagged);
}
