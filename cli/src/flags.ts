import { renderNearMatches } from '../../actions/core/src/near-match.ts';

/** The flags of one verb as texts by input name; `json` is the command line's own. */
export interface Flags {
  given: Readonly<Record<string, string>>;
  json: boolean;
}

/**
 * Reads `--name value`, `--name=value` and, for inputs whose default is `false`, `--name` alone. `names` are the
 * inputs with their defaults. Gives the fault in words when a flag is unknown, twice there, or lacks its value.
 */
export function readFlags(
  words: readonly string[],
  names: Readonly<Record<string, string>>,
): Flags | { fault: string } {
  const given: Record<string, string> = {};
  let json = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--json') {
      json = true;
      continue;
    }
    const [, name = '', , inline] = /^--([\w-]+)(=([\s\S]*))?$/.exec(word) ?? [];
    const fallback = Object.hasOwn(names, name) ? names[name] : undefined;
    if (fallback === undefined) {
      const known = [...Object.keys(names).map((one) => `--${one}`), '--json'];
      return { fault: `there is no flag "${word}".${renderNearMatches(word.split('=')[0] ?? word, known)}` };
    }
    if (Object.hasOwn(given, name)) return { fault: `--${name} is there twice` };
    const next = words[index + 1];
    const isAlone = inline === undefined && (next === undefined || next.startsWith('--'));
    if (isAlone && fallback !== 'false') return { fault: `--${name} takes a value` };
    given[name] = isAlone ? 'true' : (inline ?? next ?? '');
    if (inline === undefined && !isAlone) index += 1;
  }
  return { given, json };
}
