/**
 * Splits a command line into words as a POSIX shell does: blanks separate, single quotes keep everything, double
 * quotes keep blanks, a backslash keeps what follows. Nothing is expanded: `$HOME` and `*` stay as they are.
 * `undefined` where a quote is not closed.
 */
export function splitShellWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const letter = line[at] ?? '';
    if (quote === '' && /\s/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (quote === '' && (letter === '"' || letter === "'")) {
      quote = letter;
      word ??= '';
    } else if (letter === quote) {
      quote = '';
    } else if (letter === '\\' && keepsNext(quote, line[at + 1])) {
      word = (word ?? '') + (line[++at] ?? '');
    } else {
      word = (word ?? '') + letter;
    }
  }
  if (quote !== '') return undefined;
  return word === undefined ? words : [...words, word];
}

/** Within double quotes only these are kept by a backslash; within single quotes nothing is. */
function keepsNext(quote: string, next = ''): boolean {
  return quote === '' ? next !== '' : quote === '"' && '$`"\\\n'.includes(next) && next !== '';
}
