import { AwsFault } from '../fault.ts';

export type AlarmState = 'ALARM' | 'INSUFFICIENT_DATA' | 'OK';

/** The rule of a composite alarm: over the states of other alarms, each by its name or ARN as written. */
export type AlarmRule =
  | { kind: 'constant'; value: boolean }
  | { kind: 'state'; state: AlarmState; alarm: string }
  | { kind: 'not'; rule: AlarmRule }
  | { kind: 'and' | 'or'; rules: readonly AlarmRule[] };

/** Where a rule's text stands, counted in characters from its beginning. */
type Token = { text: string; at: number };

const STATES: ReadonlySet<string> = new Set<AlarmState>(['ALARM', 'INSUFFICIENT_DATA', 'OK']);
const MOST_CHILDREN = 100;
const MOST_ELEMENTS = 500;

/**
 * Reads a rule: `ALARM(…)`, `OK(…)`, `INSUFFICIENT_DATA(…)`, TRUE, FALSE, NOT, AND, OR and parentheses. NOT binds
 * closer than AND, and AND closer than OR. Throws CloudWatch's `ValidationError` for anything else, and for more than
 * 100 alarms or 500 elements.
 * Source: CloudWatch API reference, "PutCompositeAlarm", AlarmRule (read 2026-11).
 */
export function parseAlarmRule(text: string): AlarmRule {
  const tokens = tokensOf(text);
  const elements = tokens.filter((token) => !/^(and|or|not)$/i.test(token.text)).length;
  if (elements > MOST_ELEMENTS) throw invalid(`more than ${MOST_ELEMENTS} elements`);
  const rule = readOr(tokens);
  const [rest] = tokens;
  if (rest) throw unsupported(rest);
  if (alarmsOf(rule).length > MOST_CHILDREN) throw invalid(`more than ${MOST_CHILDREN} alarms`);
  return rule;
}

/** The names of the alarms that a rule asks about, each once. */
export function alarmsOf(rule: AlarmRule): string[] {
  const found = new Set<string>();
  const visit = (part: AlarmRule): void => {
    if (part.kind === 'state') found.add(nameOf(part.alarm));
    if (part.kind === 'not') visit(part.rule);
    if (part.kind === 'and' || part.kind === 'or') part.rules.forEach(visit);
  };
  visit(rule);
  return [...found];
}

/** Whether a rule holds; an alarm without a state, as one that was deleted, is in none. */
export function holds(rule: AlarmRule, stateOf: (name: string) => AlarmState | undefined): boolean {
  switch (rule.kind) {
    case 'constant':
      return rule.value;
    case 'state':
      return stateOf(nameOf(rule.alarm)) === rule.state;
    case 'not':
      return !holds(rule.rule, stateOf);
    case 'and':
      return rule.rules.every((part) => holds(part, stateOf));
    case 'or':
      return rule.rules.some((part) => holds(part, stateOf));
  }
}

/** `cpu` of `arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu`. */
const nameOf = (alarm: string): string => alarm.replace(/^arn:[^:]*:cloudwatch:[^:]*:\d*:alarm:/, '');

/** Words, parentheses, and what is asked about an alarm as one token: `ALARM("cpu")`. */
function tokensOf(text: string): Token[] {
  const pattern =
    /\s*(?:((?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"[^"]+"|[^\s"()][^"()]*?)\s*\)|\w+|[^\s])|$)/iy;
  const tokens: Token[] = [];
  for (let match = pattern.exec(text); match?.[1] !== undefined; match = pattern.exec(text)) {
    tokens.push({ text: match[1], at: pattern.lastIndex - match[1].length });
  }
  return tokens;
}

function readOr(tokens: Token[]): AlarmRule {
  return readJoined(tokens, 'or', () => readJoined(tokens, 'and', () => readOne(tokens)));
}

function readJoined(tokens: Token[], kind: 'and' | 'or', read: () => AlarmRule): AlarmRule {
  const first = read();
  const rules = [first];
  while (tokens[0]?.text.toLowerCase() === kind) {
    tokens.shift();
    rules.push(read());
  }
  return rules.length === 1 ? first : { kind, rules };
}

function readOne(tokens: Token[]): AlarmRule {
  const token = tokens.shift();
  if (token === undefined) throw invalid('Unexpected end of the rule');
  const [, word = '', quoted, bare] = /^(\w+)(?:\s*\(\s*(?:"([^"]+)"|(.*?))\s*\))?$/s.exec(token.text) ?? [];
  const [name, alarm] = [word.toUpperCase(), quoted ?? bare];
  if (alarm !== undefined && isState(name)) return { kind: 'state', state: name, alarm };
  if (name === 'TRUE' || name === 'FALSE') return { kind: 'constant', value: name === 'TRUE' };
  if (name === 'NOT') return { kind: 'not', rule: readOne(tokens) };
  if (token.text !== '(') throw unsupported(token);
  const inner = readOr(tokens);
  const end = tokens.shift();
  if (end?.text !== ')') throw end ? unsupported(end) : invalid('Missing ) at the end of the rule');
  return inner;
}

const isState = (name: string): name is AlarmState => STATES.has(name);

const unsupported = ({ text, at }: Token) => invalid(`Unsupported token '${text}' at char ${at}`);

const invalid = (what: string) => new AwsFault('ValidationError', `Error in AlarmRule [${what}]`);
