import type { Clock } from '../lib/clock.ts';
import type { Database, Transaction } from '../lib/database.ts';
import { sql } from '../lib/sql.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type { FileLinks } from './file-links.ts';

/** A file of an order, with a link that is good for five minutes. */
export interface OrderFile {
  id: string;
  name: string;
  mediaType: string;
  url: string;
}

/** Which file it is, and its place in the bucket: nothing that names anybody, so that an answer may be kept. */
export interface PlacedFile {
  readonly id: string;
  readonly key: string;
}

/** Photographs and receipts of orders: their bytes go between the client and S3, never through this service. */
export interface OrderFiles {
  /** Makes a file, which has no link yet. */
  add(
    transaction: Transaction,
    orderId: string,
    file: { name: string; mediaType: string; by: string },
  ): Promise<PlacedFile>;
  /** Gives the link to put a file to. Throws `UPSTREAM_UNAVAILABLE` when there are no credentials to sign it with. */
  linkToPut(file: PlacedFile, mediaType: string): Promise<string>;
  /** The files with links to get them from. */
  list(orderId: string): Promise<OrderFile[]>;
}

interface FileRow {
  id: string;
  name: string;
  media_type: string;
  key: string;
}

export function createOrderFiles(deps: {
  database: Database;
  links: FileLinks;
  clock: Clock;
  random: () => number;
}): OrderFiles {
  const { database, links, clock, random } = deps;
  return {
    async add(transaction, orderId, { name, mediaType, by }) {
      const id = uuidV7(clock.now(), random);
      const [day] = new Date(clock.now()).toISOString().split('T');
      const key = `receipts/${day?.replaceAll('-', '/')}/${orderId}/${id}`;
      await transaction.query(
        'file_add',
        sql`insert into files (id, order_id, name, media_type, key, by)
          values (${id}, ${orderId}, ${name}, ${mediaType}, ${key}, ${by})`,
      );
      return { id, key };
    },
    linkToPut: ({ key }, mediaType) => links.toPut(key, mediaType),
    async list(orderId) {
      const rows = await database.read<FileRow>(
        'file_list',
        sql`select id, name, media_type, key from files where order_id = ${orderId} order by id`,
      );
      return Promise.all(
        rows.map(async ({ id, name, media_type: mediaType, key }) => ({
          id,
          name,
          mediaType,
          url: await links.toGet(key),
        })),
      );
    },
  };
}
