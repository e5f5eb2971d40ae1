/**
 * Makes a function that hides secrets in a text: as they are, inside JSON at any depth, in URLs and in base64.
 * Secrets shorter than three characters are left, as hiding them would hide everything.
 */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const forms = [...secrets]
    .filter((secret) => secret.length >= 3)
    .flatMap(formsOf)
    .sort((a, b) => b.length - a.length);
  if (forms.length === 0) return (text) => text;
  const pattern = new RegExp([...new Set(forms.map(patternOf))].join('|'), 'g');
  return (text) => text.replace(pattern, '***');
}

function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return [secret, encodeURIComponent(secret), base64, Buffer.from(secret).toString('base64url')];
}

/** JSON puts backslashes before some characters, twice as many at each depth; any number of them is taken along. */
function patternOf(text: string): string {
  const escapes: Record<string, string> = { '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f' };
  return [...text]
    .map((character) => {
      const letter = escapes[character];
      if (letter !== undefined) return `(?:${literal(character)}|\\\\+${letter})`;
      if (character === '\\') return '\\\\+';
      return `"/`.includes(character) ? `\\\\*${character}` : literal(character);
    })
    .join('');
}

function literal(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\]/, '\\$&');
}
