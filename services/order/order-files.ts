import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../lib/database.ts';
import { sql } from '../lib/sql.ts';
import { uuidV7 } from '../lib/uuid.ts';

/** A file of an order, with a link that is good for five minutes. */
export interface OrderFile {
  id: string;
  name: string;
  mediaType: string;
  url: string;
}

const linkSeconds = 300;

/** Photographs and receipts of orders: their bytes go between the client and S3, never through this service. */
export interface OrderFiles {
  /** Makes a file and gives the link to put it to. */
  add(orderId: string, file: { name: string; mediaType: string; by: string }): Promise<OrderFile>;
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
  s3: S3Client;
  bucket: string;
  clock: Clock;
  random: () => number;
}): OrderFiles {
  const { database, s3, bucket, clock, random } = deps;
  return {
    async add(orderId, { name, mediaType, by }) {
      const id = uuidV7(clock.now(), random);
      const [day] = new Date(clock.now()).toISOString().split('T');
      const key = `receipts/${day?.replaceAll('-', '/')}/${orderId}/${id}`;
      await database.query(
        'file_add',
        sql`insert into files (id, order_id, name, media_type, key, by)
          values (${id}, ${orderId}, ${name}, ${mediaType}, ${key}, ${by})`,
      );
      const command = new PutObjectCommand({ Bucket: bucket, Key: key, ContentType: mediaType });
      return { id, name, mediaType, url: await getSignedUrl(s3, command, { expiresIn: linkSeconds }) };
    },
    async list(orderId) {
      const rows = await database.read<FileRow>(
        'file_list',
        sql`select id, name, media_type, key from files where order_id = ${orderId} order by id`,
      );
      return Promise.all(
        rows.map(async ({ id, name, media_type: mediaType, key }) => {
          const command = new GetObjectCommand({ Bucket: bucket, Key: key });
          return { id, name, mediaType, url: await getSignedUrl(s3, command, { expiresIn: linkSeconds }) };
        }),
      );
    },
  };
}
