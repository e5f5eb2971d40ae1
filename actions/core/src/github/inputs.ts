import { UserError } from '../errors.ts';

/**
 * One declared input. `default` is the text `action.yml` has (empty: none). `parse` gets a trimmed, non-empty
 * text and gives the value, or throws a `WrongInput` with what was expected; `absent` is the value of an empty input.
 */
export interface InputSpec<T> {
  readonly required: boolean;
  readonly default: string;
  readonly absent: T | undefined;
  readonly parse: (text: string) => T;
  /** True where the text may hold a secret: then messages do not repeat it. */
  readonly hidden?: boolean;
}

/** A table of inputs by name, as an action declares it. */
export type InputSpecs = Readonly<Record<string, InputSpec<unknown>>>;

/** The object `readInputs` gives for a table of inputs: same names, parsed values. */
export type InputsOf<S extends InputSpecs> = {
  readonly [N in keyof S]: S[N] extends InputSpec<infer T> ? T : never;
};

/** Thrown by `parse`: the words for what belongs in the input, such as `a whole number from 1 to 60`. */
export class WrongInput extends Error {}

/**
 * Reads every declared input from `source` (name to text, absent and empty are the same).
 * Throws `INPUT_INVALID` naming all faulty inputs at once, before anything else has happened.
 */
export function readInputs<S extends InputSpecs>(specs: S, source: (name: string) => string): InputsOf<S> {
  const faults: string[] = [];
  const values = Object.entries(specs).map(([name, spec]): [string, unknown] => {
    const text = source(name).trim() || spec.default;
    if (text === '') {
      if (spec.required) faults.push(`input "${name}" is required and empty`);
      return [name, spec.absent];
    }
    try {
      return [name, spec.parse(text)];
    } catch (error) {
      if (!(error instanceof WrongInput)) throw error;
      const given = spec.hidden ? 'not readable' : JSON.stringify(shorten(text));
      faults.push(`input "${name}" is ${given}: expected ${error.message}`);
      return [name, spec.absent];
    }
  });
  if (faults.length > 0) throw new UserError('INPUT_INVALID', faults.join('\n'));
  return Object.fromEntries(values) as InputsOf<S>;
}

/** A text that may be left out. */
export function optionalText(): InputSpec<string | undefined> {
  return { required: false, default: '', absent: undefined, parse: (text) => text };
}

/** A text that must be given. */
export function requiredText(): InputSpec<string> {
  return { required: true, default: '', absent: '', parse: (text) => text };
}

/** A text with a default. */
export function text(defaultText: string): InputSpec<string> {
  return { required: false, default: defaultText, absent: '', parse: (given) => given };
}

/** `true` or `false`, as in YAML 1.2; nothing else. Default false. */
export function flag(): InputSpec<boolean> {
  const parse = (given: string): boolean => {
    if (/^(true|True|TRUE)$/.test(given)) return true;
    if (/^(false|False|FALSE)$/.test(given)) return false;
    throw new WrongInput('true or false');
  };
  return { required: false, default: 'false', absent: false, parse };
}

/** A whole number within bounds, both included. */
export function wholeNumber(defaultValue: number, min: number, max: number): InputSpec<number> {
  const parse = (given: string): number => {
    const value = /^-?\d+$/.test(given) ? Number(given) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new WrongInput(`a whole number from ${min} to ${max}`);
  };
  return { required: false, default: String(defaultValue), absent: defaultValue, parse };
}

/** One of the given words; the first is the default. */
export function oneOf<W extends string>(first: W, ...others: readonly W[]): InputSpec<W> {
  const words = [first, ...others];
  const parse = (given: string): W => {
    const word = words.find((w) => w === given);
    if (word !== undefined) return word;
    throw new WrongInput(words.join(' | '));
  };
  return { required: false, default: first, absent: first, parse };
}

/** Names as a JSON list (`["a","b"]`) or with commas or line ends between them; each once, in the order given. */
export function nameList(): InputSpec<readonly string[]> {
  return { required: false, default: '', absent: [], parse: parseNames };
}

/** `NAME=value` lines, a later line winning; the value is everything after the first `=`. */
export function pairs(): InputSpec<Readonly<Record<string, string>>> {
  const parse = (given: string): Record<string, string> =>
    Object.fromEntries(
      given
        .split(/\r?\n/)
        .filter((line) => line.trim() !== '')
        .map((line, i) => parsePair(line, i + 1)),
    );
  return { required: false, default: '', absent: {}, parse, hidden: true };
}

/** JSON of a shape that `check` accepts; `expected` says the shape in words. */
export function json<T>(expected: string, check: (value: unknown) => value is T): InputSpec<T | undefined> {
  const parse = (given: string): T => {
    const value = tryJson(given);
    if (check(value)) return value;
    throw new WrongInput(expected);
  };
  return { required: false, default: '', absent: undefined, parse };
}

function parseNames(given: string): readonly string[] {
  if (!given.startsWith('[')) {
    return [
      ...new Set(
        given
          .split(/[,\n]/)
          .map((name) => name.trim())
          .filter((name) => name !== ''),
      ),
    ];
  }
  const value = tryJson(given);
  if (Array.isArray(value) && value.every((name) => typeof name === 'string'))
    return [...new Set<string>(value)];
  throw new WrongInput('a JSON list of names, like ["email-api"], or names with commas between them');
}

/** The value is not shown: the line may hold a secret. */
function parsePair(line: string, number: number): [string, string] {
  const at = line.indexOf('=');
  const name = line.slice(0, at).trim();
  if (at > 0 && /^[A-Za-z_][\w.-]*$/.test(name)) return [name, line.slice(at + 1).trimEnd()];
  throw new WrongInput(`NAME=value on each line; line ${number} is not of that form`);
}

function tryJson(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
}

function shorten(given: string): string {
  return given.length > 80 ? `${given.slice(0, 77)}…` : given;
}
