/** How the pack is named to act: `uses: OWNER/berth/x@v1`. */
export interface PackName {
  /** `OWNER/REPO`. */
  packName: string;
  /** `v1`. */
  ref: string;
}

/** Keys that GitHub knows and act 0.2.89 refuses, by the key they stand under; `''` is any place. */
const unknownToAct: readonly (readonly [parent: string, key: string])[] = [
  ['concurrency', 'queue'],
  ['environment', 'deployment'],
  ['', 'cache-mode'],
  ['permissions', 'artifact-metadata'],
  ['permissions', 'code-quality'],
  ['permissions', 'copilot-requests'],
  ['permissions', 'drives'],
  ['permissions', 'vulnerability-alerts'],
];

const SELF_REFERENCE = /^(\s*(?:-\s+)?uses:\s*)(['"]?)\$\/([^\s'"#]+)\2(\s*(?:#.*)?)$/;
const KEY = /^(\s*)((?:-\s+)*)([A-Za-z0-9_-]+):(?:\s+(.*))?$/;
const BLOCK_SCALAR = /^[|>][+-]?\d?[+-]?\s*(?:#.*)?$/;

/**
 * Rewrites a workflow or composite action for act 0.2.89, line by line: `uses: $/x` becomes
 * `uses: OWNER/REPO/x@REF`, and a key that act refuses becomes an empty line. All other lines stay, and so
 * does their number. A refused key inside braces throws: it has to stand on a line of its own.
 */
export function rewriteForAct(text: string, { packName, ref }: PackName): string {
  const parents: { indent: number; key: string }[] = [];
  let scalarIndent: number | undefined;
  const rewriteLine = (line: string): string => {
    const indent = line.search(/\S/);
    if (indent < 0) return line;
    if (scalarIndent !== undefined && indent > scalarIndent) return line;
    scalarIndent = undefined;
    const match = KEY.exec(line);
    if (!match) return line;
    const [, spaces = '', dashes = '', key = '', value = ''] = match;
    const column = spaces.length + dashes.length;
    while ((parents.at(-1)?.indent ?? -1) >= column) parents.pop();
    const parent = parents.at(-1)?.key ?? '';
    parents.push({ indent: column, key });
    if (BLOCK_SCALAR.test(value)) scalarIndent = column;
    if (isUnknownToAct(parent, key)) return '';
    assertNoneInBraces(key, value);
    return line.replace(SELF_REFERENCE, (_, before, quote, path, after) => {
      return `${before}${quote}${packName}/${path}@${ref}${quote}${after}`;
    });
  };
  return text.split('\n').map(rewriteLine).join('\n');
}

function isUnknownToAct(parent: string, key: string): boolean {
  return unknownToAct.some(([under, name]) => name === key && (under === '' || under === parent));
}

function assertNoneInBraces(key: string, value: string): void {
  if (!value.startsWith('{')) return;
  const found = unknownToAct.find(
    ([under, name]) => under === key && new RegExp(`[{,\\s]${name}:`).test(value),
  );
  if (!found) return;
  throw new Error(
    `'${key}: ${value}' has '${found[1]}', which act refuses, inside braces; write it on a line of its own.`,
  );
}
