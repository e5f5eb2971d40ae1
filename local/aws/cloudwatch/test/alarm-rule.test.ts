import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AlarmRule, type AlarmState, alarmsOf, holds, parseAlarmRule } from '../alarm-rule.ts';

const states: Record<string, AlarmState> = { hot: 'ALARM', 'well done': 'OK', new: 'INSUFFICIENT_DATA' };
const stateOf = (name: string): AlarmState | undefined => states[name];

describe('a rule over the states of alarms', () => {
  test.each([
    ['TRUE', true],
    ['false', false],
    ['ALARM(hot)', true],
    ['ALARM("hot")', true],
    ['ALARM( hot )', true],
    ['OK("well done")', true],
    ['OK(well done)', true],
    ['ALARM("arn:aws:cloudwatch:us-east-1:123456789012:alarm:hot")', true],
    ['INSUFFICIENT_DATA(new)', true],
    ['OK(new)', false],
    ['ALARM(gone)', false],
    ['NOT ALARM(gone)', true],
    ['NOT NOT ALARM(hot)', true],
    ['ALARM(hot) AND ALARM(new)', false],
    ['ALARM(hot) OR ALARM(new)', true],
    // AND before OR, NOT before both.
    ['TRUE OR FALSE AND FALSE', true],
    ['(TRUE OR FALSE) AND FALSE', false],
    ['NOT FALSE AND FALSE', false],
    ['NOT (FALSE AND FALSE)', true],
    ['(ALARM(hot) OR ALARM(new))\n  AND OK("well done")', true],
  ])('%s is %s', (text, value) => {
    expect(holds(parseAlarmRule(text), stateOf)).toBe(value);
  });

  test.each([
    ['', 'Unexpected end of the rule'],
    ['()', "Unsupported token ')' at char 1"],
    ['ALARM()', "Unsupported token 'ALARM' at char 0"],
    ['ALARM(a', "Unsupported token 'ALARM' at char 0"],
    ['ALARM(a) ALARM(b)', "Unsupported token 'ALARM(b)' at char 9"],
    ['ALARM(a) AND', 'Unexpected end of the rule'],
    ['(TRUE', 'Missing ) at the end of the rule'],
    ['AT_LEAST(1, ALARM, (a, b))', "Unsupported token 'AT_LEAST' at char 0"],
    ['hot', "Unsupported token 'hot' at char 0"],
  ])('%s is refused', (text, message) => {
    expect(() => parseAlarmRule(text)).toThrow(`Error in AlarmRule [${message}]`);
  });

  test.each([
    ['100 alarms', 101, (index: number) => `ALARM(a${index})`],
    ['500 elements', 501, () => 'TRUE'],
  ])('more than %s are refused', (most, length, element) => {
    const rule = (count: number) => Array.from({ length: count }, (_, index) => element(index)).join(' OR ');
    expect(() => parseAlarmRule(rule(length))).toThrow(`Error in AlarmRule [more than ${most}]`);
    expect(() => parseAlarmRule(rule(length - 1))).not.toThrow();
  });

  test('names each alarm once, whichever way it is written', () => {
    const arn = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:hot';
    expect(alarmsOf(parseAlarmRule(`ALARM(hot) OR NOT (OK("${arn}") AND OK("well done"))`))).toEqual([
      'hot',
      'well done',
    ]);
  });

  test('means what it says however it is written', () => {
    const rule: fc.Arbitrary<AlarmRule> = fc.letrec<{ rule: AlarmRule }>((tie) => ({
      rule: fc.oneof(
        { maxDepth: 5 },
        fc.record({ kind: fc.constant('constant' as const), value: fc.boolean() }),
        fc.record({
          kind: fc.constant('state' as const),
          state: fc.constantFrom<AlarmState>('ALARM', 'INSUFFICIENT_DATA', 'OK'),
          alarm: fc.constantFrom(...Object.keys(states), 'gone'),
        }),
        fc.record({ kind: fc.constant('not' as const), rule: tie('rule') }),
        fc.record({
          kind: fc.constantFrom('and' as const, 'or' as const),
          rules: fc.array(tie('rule'), { minLength: 2, maxLength: 3 }),
        }),
      ),
    })).rule;
    fc.assert(
      fc.property(rule, (written) => {
        expect(holds(parseAlarmRule(textOf(written)), stateOf)).toBe(holds(written, stateOf));
      }),
    );
  });
});

function textOf(rule: AlarmRule): string {
  if (rule.kind === 'constant') return rule.value ? 'TRUE' : 'FALSE';
  if (rule.kind === 'state') return `${rule.state}("${rule.alarm}")`;
  if (rule.kind === 'not') return `NOT (${textOf(rule.rule)})`;
  return rule.rules.map((part) => `(${textOf(part)})`).join(` ${rule.kind.toUpperCase()} `);
}
