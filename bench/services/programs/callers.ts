import pg from 'pg';

/** Lets `count` callers work at once until `total` pieces of work are done; gives `total`. */
export async function callers(count: number, total: number, work: () => Promise<void>): Promise<number> {
  let left = total;
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: count }, caller));
  return total;
}

/** Makes a schema for one contestant, so that none finds another's rows in the cache or dead ones in its table. */
export async function schemaFor(
  url: string,
  way: string,
  statements: (schema: string) => readonly string[],
): Promise<string> {
  const schema = way.replaceAll(/[^a-z]/g, '_');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create schema ${schema}`);
  for (const statement of statements(schema)) await client.query(statement);
  await client.end();
  return schema;
}
