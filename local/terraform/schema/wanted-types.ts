import type { TypeKind } from './provider-schema.ts';

export type WantedType = { kind: TypeKind; pattern: string };

/** Reads the list of types: one a line, `data.` or `ephemeral.` before it, `*` for any characters, `#` a comment. */
export function parseWantedTypes(text: string): WantedType[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, kind, pattern = ''] = line.match(/^(?:(data|ephemeral)\.)?(aws_[a-z0-9_*]+)$/) ?? [];
      if (pattern === '')
        throw new Error(`"${line}" is no type: write aws_vpc, data.aws_vpc or ephemeral.aws_ssm_parameter.`);
      return { kind: (kind as TypeKind | undefined) ?? 'resource', pattern };
    });
}

/** Says whether a type was asked for. */
export function isWanted(wanted: readonly WantedType[], kind: TypeKind, typeName: string): boolean {
  return wanted.some(
    (entry) => entry.kind === kind && new RegExp(`^${entry.pattern.replaceAll('*', '.*')}$`).test(typeName),
  );
}
