/** One change as `terraform show -json` tells it. */
export interface ChangeDocument {
  readonly address: string;
  readonly actions: readonly string[];
  readonly before?: Readonly<Record<string, unknown>> | null;
  readonly after?: Readonly<Record<string, unknown>> | null;
  readonly sensitive?: unknown;
}

/** A plan as `terraform show -json` prints it, with the given changes of managed resources. */
export function planDocument(changes: readonly ChangeDocument[], outputs: readonly string[] = []): string {
  return JSON.stringify({
    format_version: '1.2',
    planned_values: {},
    resource_changes: changes.map(({ address, actions, before = null, after = null, sensitive = {} }) => ({
      address,
      mode: 'managed',
      type: /(?:^|\.)(aws_\w+)\./.exec(address)?.[1],
      change: { actions, before, after, after_unknown: {}, after_sensitive: sensitive },
    })),
    output_changes: Object.fromEntries(outputs.map((name) => [name, { actions: ['update'] }])),
  });
}
