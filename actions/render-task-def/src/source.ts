/** Where a template comes from: a file of the workspace, an SSM parameter, or what ECS has registered. */
export type TemplateSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'registered'; readonly name: string };

/**
 * Tells the kinds apart: `ssm:/name` is a parameter; an ARN, `family` or `family:revision` is registered; whatever
 * has a slash or ends in .json, .yaml or .yml is a file.
 */
export function parseSource(text: string): TemplateSource {
  if (text.startsWith('ssm:')) return { kind: 'parameter', name: text.slice('ssm:'.length) };
  if (/^arn:aws[a-z-]*:ecs:/.test(text)) return { kind: 'registered', name: text };
  if (/\/|\.(json|ya?ml)$/i.test(text)) return { kind: 'file', path: text };
  return { kind: 'registered', name: text };
}
