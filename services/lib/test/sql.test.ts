import { describe, expect, test } from '@jest/globals';
import { sql } from '../sql.ts';

const find = (id: unknown, name?: string) =>
  sql`select ${sql`id, name`} from people where id = ${id} and ${name === undefined ? sql`true` : sql`name = ${name}`}`;

describe('a statement', () => {
  test('keeps every value apart from the text', () => {
    const statement = sql`select * from people where name = ${"'; drop table people"} and id = any(${[1, 2]})`;
    expect(statement).toMatchObject({
      text: 'select * from people where name = $1 and id = any($2)',
      values: ["'; drop table people", [1, 2]],
    });
  });

  test('takes other statements in and numbers their values on', () => {
    const inner = sql`update people set name = ${'b'} where id = ${2} returning id`;
    expect(sql`with change as (${inner}) insert into log values (${'told'}, ${inner})`).toMatchObject({
      text: 'with change as (update people set name = $1 where id = $2 returning id) insert into log values ($3, update people set name = $4 where id = $5 returning id)',
      values: ['b', 2, 'told', 'b', 2],
    });
  });

  test('is another one, with a name of its own, when another statement is put in at the same place', () => {
    expect(find(1)).toMatchObject({
      text: 'select id, name from people where id = $1 and true',
      values: [1],
    });
    expect(find(1, 'a')).toMatchObject({
      text: 'select id, name from people where id = $1 and name = $2',
      values: [1, 'a'],
    });
    expect(find(1).name).not.toBe(find(1, 'a').name);
  });

  test('has the same name whatever its values', () => {
    expect(find(1, 'a').name).toBe(find(2, 'b').name);
    expect(find(1).name).toMatch(/^[0-9a-f]{32}$/);
  });
});
