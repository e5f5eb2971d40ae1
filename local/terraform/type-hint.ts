const prefixes: Readonly<Record<string, string>> = { data: 'data.', ephemeral: 'ephemeral.' };

/**
 * Gives what to do when Terraform says that the provider does not support a type: only we know where the list is.
 * Empty for any other output.
 */
export function hintOf(stderr: string): string {
  const refusal = /does\s+not\s+support\s+(?:(data|ephemeral)\s+)?(?:resource|source)\s+type\s+"(\w+)"/g;
  const types = new Set(
    [...stderr.matchAll(refusal)].map(([, kind, type]) => `${prefixes[kind ?? ''] ?? ''}${type}`),
  );
  if (types.size === 0) return '';
  return `\nThe offline provider serves the types of local/terraform/schema/wanted-types.txt. If AWS has ${[...types].join(', ')}, add it there and run: node local/terraform/schema/extract.ts\n`;
}
