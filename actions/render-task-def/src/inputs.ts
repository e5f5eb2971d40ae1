import { type InputSpec, json, optionalText, pairs, text, WrongInput } from '../../core/src/github/inputs.ts';
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
  images: imagePairs(),
  'environment-variables': pairs(),
  overrides: optionalText(),
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

/** `container=image` lines; several containers that run the same image stand before one `=`, with commas. */
function imagePairs(): InputSpec<Readonly<Record<string, string>>> {
  const parse = (given: string): Record<string, string> => {
    const lines = given.split(/\r?\n/).filter((line) => line.trim() !== '');
    return Object.fromEntries(lines.flatMap(parseImageLine));
  };
  return { required: false, default: '', absent: {}, parse };
}

function parseImageLine(line: string): [string, string][] {
  const at = line.indexOf('=');
  const names = line
    .slice(0, at)
    .split(',')
    .map((name) => name.trim());
  const image = line.slice(at + 1).trim();
  if (at > 0 && image !== '' && names.every((name) => /^[\w-]+$/.test(name)))
    return names.map((name) => [name, image]);
  throw new WrongInput(
    'container=repository@sha256:… on each line, several containers with commas between them',
  );
}
