import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandOutput,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { Problem } from '../lib/problem.ts';

/** What somebody was told, as they read it again later. */
export interface FeedEntry {
  readonly id: string;
  readonly channel: string;
  readonly template: string;
  readonly status: string;
  readonly body: string;
  /** ISO. */
  readonly at: string;
}

/** The feeds in DynamoDB: one partition a user, ordered by time. Each call throws what the SDK does, but for `list`. */
export interface Feed {
  /** Writes up to 25 entries in one call; a second time changes nothing. */
  put(entries: readonly { userId: string; entry: FeedEntry }[]): Promise<void>;
  /** The newest first, from after the cursor. Throws `STORE_UNAVAILABLE` while DynamoDB does not answer. */
  list(userId: string, page: { after?: string | undefined; limit: number }): Promise<FeedPage>;
  /** Takes all of somebody's entries away. */
  erase(userId: string): Promise<void>;
  /** Throws while the last call failed. */
  assertAnswers(): void;
}

export interface FeedPage {
  readonly items: readonly FeedEntry[];
  /** Cursor of the page after, where there may be one. */
  readonly next?: string;
}

/** How long an entry is kept: 90 days, in seconds. DynamoDB takes it away some time after. */
const keptSeconds = 90 * 24 * 60 * 60;
const retryAfterSeconds = 5;
/** What one BatchWriteItem may hold. */
export const mostPerBatch = 25;

export function createFeed(deps: { dynamo: DynamoDBClient; table: string }): Feed {
  const { dynamo, table } = deps;
  let isFailing = false;

  async function watched<Result>(call: Promise<Result>): Promise<Result> {
    try {
      const result = await call;
      isFailing = false;
      return result;
    } catch (error) {
      isFailing = true;
      throw error;
    }
  }

  function query(
    userId: string,
    page: { after?: string | undefined; limit: number },
  ): Promise<QueryCommandOutput> {
    const pk = { S: `user#${userId}` };
    const command = new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ScanIndexForward: false,
      Limit: page.limit,
      ...(page.after !== undefined && { ExclusiveStartKey: { pk, sk: { S: page.after } } }),
    });
    return watched(dynamo.send(command));
  }

  async function write(requests: WriteRequest[]): Promise<void> {
    if (requests.length === 0) return;
    const command = new BatchWriteItemCommand({ RequestItems: { [table]: requests } });
    const { UnprocessedItems } = await watched(dynamo.send(command));
    const left = UnprocessedItems?.[table]?.length ?? 0;
    if (left > 0) throw new Error(`DynamoDB put ${left} of ${requests.length} writes off.`);
  }

  return {
    async put(entries) {
      await write(entries.map(({ userId, entry }) => ({ PutRequest: { Item: toItem(userId, entry) } })));
    },
    async list(userId, page) {
      const { Items = [], LastEvaluatedKey } = await query(userId, page).catch((error: unknown) => {
        throw new Problem('STORE_UNAVAILABLE', 'The feed cannot be read now.', {
          retryAfterSeconds,
          cause: error,
        });
      });
      const next = LastEvaluatedKey?.sk?.S;
      return { items: Items.map(toEntry), ...(next !== undefined && { next }) };
    },
    async erase(userId) {
      for (;;) {
        const { Items = [] } = await query(userId, { limit: mostPerBatch });
        if (Items.length === 0) return;
        const keys = Items.map(({ pk, sk }) => ({ pk: { S: pk?.S ?? '' }, sk: { S: sk?.S ?? '' } }));
        await write(keys.map((Key) => ({ DeleteRequest: { Key } })));
      }
    },
    assertAnswers() {
      if (isFailing) throw new Error('The last call of DynamoDB failed.');
    },
  };
}

function toItem(userId: string, { id, channel, template, status, body, at }: FeedEntry) {
  return {
    pk: { S: `user#${userId}` },
    sk: { S: `${at}#${id}` },
    channel: { S: channel },
    template: { S: template },
    status: { S: status },
    body: { S: body },
    ttl: { N: String(Math.floor(Date.parse(at) / 1_000) + keptSeconds) },
  };
}

function toEntry(item: NonNullable<QueryCommandOutput['Items']>[number]): FeedEntry {
  const text = (name: string) => item[name]?.S ?? '';
  const [at = '', id = ''] = text('sk').split('#');
  return {
    id,
    channel: text('channel'),
    template: text('template'),
    status: text('status'),
    body: text('body'),
    at,
  };
}
