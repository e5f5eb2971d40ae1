/** A parsed expression of CloudWatch's metric math. */
export type MathNode =
  | { kind: 'number'; value: number }
  | { kind: 'metric'; id: string }
  | { kind: 'all' }
  | { kind: 'list'; items: MathNode[] }
  | { kind: 'negate'; of: MathNode }
  | { kind: 'operation'; operator: string; left: MathNode; right: MathNode }
  | { kind: 'call'; name: string; parts: MathNode[] };

/** What there is at one moment: the values of metrics and expressions by id, and which of them are metrics. */
export interface MathScope {
  /** `undefined` where there is no data. */
  values: ReadonlyMap<string, number | undefined>;
  metrics: readonly string[];
}

type Value = number | undefined | Value[];

/** Weakest first; those of one row are of the same strength. */
const OPERATORS = [
  ['OR', '||'],
  ['AND', '&&'],
  ['==', '!=', '<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/'],
  ['^'],
];

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|("[^"]*")|(==|!=|<=|>=|&&|\|\||[-+*/^()[\],<>]))/y;

/**
 * Parses an expression of CloudWatch's metric math, as far as it works point by point: arithmetic, comparisons,
 * AND, OR, and the functions ABS, CEIL, FLOOR, IF, FILL, MIN, MAX, SUM, AVG and METRICS.
 *
 * Throws an `Error` that names what is not understood.
 * Source: CloudWatch user guide, "Using metric math" (read 2026-11).
 */
export function parseMath(text: string): MathNode {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = () => tokens[at];
  const take = (expected?: string): string => {
    const token = tokens[at++];
    if (token === undefined || (expected !== undefined && token !== expected))
      throw new Error(`'${text}': expected ${expected ?? 'more'}, found ${token ?? 'its end'}`);
    return token;
  };
  const list = (end: string): MathNode[] => {
    const items: MathNode[] = [];
    while (peek() !== end) {
      items.push(operation(0));
      if (peek() !== end) take(',');
    }
    take(end);
    return items;
  };
  const operation = (level: number): MathNode => {
    const operators = OPERATORS[level];
    if (!operators) return unary();
    let left = operation(level + 1);
    while (operators.includes(peek() ?? '')) {
      const operator = take();
      left = { kind: 'operation', operator, left, right: operation(level + 1) };
    }
    return left;
  };
  const unary = (): MathNode => {
    const token = take();
    if (token === '-') return { kind: 'negate', of: unary() };
    if (token === '(') {
      const [inner, ...rest] = list(')');
      if (!inner || rest.length > 0) throw new Error(`'${text}': parentheses hold one expression`);
      return inner;
    }
    if (token === '[') return { kind: 'list', items: list(']') };
    if (/^\d/.test(token)) return { kind: 'number', value: Number(token) };
    if (!/^[A-Za-z_]/.test(token)) throw new Error(`'${text}': ${token} is not expected there`);
    if (peek() !== '(') return { kind: 'metric', id: token };
    take('(');
    return call(text, token, list(')'));
  };
  const parsed = operation(0);
  if (at < tokens.length) throw new Error(`'${text}': ${peek()} is not expected there`);
  return parsed;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const pattern = new RegExp(TOKEN);
  const source = text.trimEnd();
  while (pattern.lastIndex < source.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(source);
    if (!match) throw new Error(`'${text}': '${source.slice(at).trimStart()}' is not understood`);
    tokens.push(match.slice(1).find((part) => part !== undefined) ?? '');
  }
  return tokens;
}

type Known = { least: number; most: number; of: (parts: Value[]) => Value };

const reduced = (reduce: (values: number[]) => number): Known => ({
  least: 1,
  most: 1,
  of: ([part]) => {
    const values = (Array.isArray(part) ? part : [part]).filter((value) => typeof value === 'number');
    return values.length > 0 ? reduce(values) : undefined;
  },
});
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
const rounded = (round: (value: number) => number): Known => ({
  least: 1,
  most: 1,
  of: ([part]) => each(part, (value) => (value === undefined ? undefined : round(value))),
});

const FUNCTIONS: ReadonlyMap<string, Known> = new Map(
  Object.entries({
    ABS: rounded(Math.abs),
    CEIL: rounded(Math.ceil),
    FLOOR: rounded(Math.floor),
    // What IF does not find is no data, as where its third part is left out.
    IF: { least: 2, most: 3, of: ([test, yes, no]: Value[]) => (truthOf(test) ? yes : no) },
    FILL: { least: 2, most: 2, of: ([part, fill]: Value[]) => each(part, (value) => value ?? scalar(fill)) },
    MIN: reduced((values) => Math.min(...values)),
    MAX: reduced((values) => Math.max(...values)),
    SUM: reduced(sum),
    AVG: reduced((values) => sum(values) / values.length),
  }),
);

function call(text: string, name: string, parts: MathNode[]): MathNode {
  if (name === 'METRICS' && parts.length === 0) return { kind: 'all' };
  const known = FUNCTIONS.get(name);
  if (!known)
    throw new Error(
      `'${text}': the local AWS does not know ${name}; it knows ${[...FUNCTIONS.keys()].join(', ')} and METRICS()`,
    );
  if (parts.length < known.least || parts.length > known.most)
    throw new Error(
      `'${text}': ${name} takes ${known.least === known.most ? known.least : `${known.least} to ${known.most}`} parts, not ${parts.length}`,
    );
  return { kind: 'call', name, parts };
}

/** The ids of metrics and other expressions that an expression looks at; METRICS() is none. */
export function idsOf(node: MathNode): string[] {
  switch (node.kind) {
    case 'metric':
      return [node.id];
    case 'list':
      return node.items.flatMap(idsOf);
    case 'negate':
      return idsOf(node.of);
    case 'operation':
      return [...idsOf(node.left), ...idsOf(node.right)];
    case 'call':
      return node.parts.flatMap(idsOf);
    default:
      return [];
  }
}

/**
 * The value of an expression at one moment. `undefined` is no data: where a metric has none, after a division by zero, and for a list.
 */
export function evaluateMath(node: MathNode, scope: MathScope): number | undefined {
  return scalar(evaluate(node, scope));
}

function evaluate(node: MathNode, scope: MathScope): Value {
  switch (node.kind) {
    case 'number':
      return node.value;
    case 'metric':
      return scope.values.get(node.id);
    case 'all':
      return scope.metrics.map((id) => scope.values.get(id));
    case 'list':
      return node.items.map((item) => evaluate(item, scope));
    case 'negate':
      return each(evaluate(node.of, scope), (value) => (value === undefined ? undefined : -value));
    case 'operation':
      return operate(node.operator, scalar(evaluate(node.left, scope)), scalar(evaluate(node.right, scope)));
    case 'call': {
      const parts = node.parts.map((part) => evaluate(part, scope));
      return FUNCTIONS.get(node.name)?.of(parts);
    }
  }
}

const scalar = (value: Value): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const truthOf = (value: Value): boolean => scalar(value) !== undefined && value !== 0;

function each(value: Value, change: (value: number | undefined) => number | undefined): Value {
  return Array.isArray(value) ? value.map((item) => each(item, change)) : change(value);
}

function operate(operator: string, left: number | undefined, right: number | undefined): number | undefined {
  if (left === undefined || right === undefined) return undefined;
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? undefined : left / right;
    case '^':
      return left ** right;
    case '==':
      return Number(left === right);
    case '!=':
      return Number(left !== right);
    case '<':
      return Number(left < right);
    case '<=':
      return Number(left <= right);
    case '>':
      return Number(left > right);
    case '>=':
      return Number(left >= right);
    case 'AND':
    case '&&':
      return Number(left !== 0 && right !== 0);
    default:
      return Number(left !== 0 || right !== 0);
  }
}
