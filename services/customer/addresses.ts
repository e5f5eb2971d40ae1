import type { Static } from 'typebox';
import type { Database, Transaction } from '../lib/database.ts';
import { Problem } from '../lib/problem.ts';
import { type Statement, sql } from '../lib/sql.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type { AddressSchema, ChangeAddressSchema, NewAddressSchema } from './schemas.ts';

export type Address = Static<typeof AddressSchema>;
export type NewAddress = Static<typeof NewAddressSchema>;
export type AddressChange = Static<typeof ChangeAddressSchema>;

interface AddressRow {
  id: string;
  label: string;
  address: string;
  lat: number;
  lon: number;
  instructions: string | null;
  version: number;
  created_at: Date;
}

const columns: Statement = sql`id, label, address, lat, lon, instructions, version, created_at`;
const mostAddresses = 100;

/** Saved addresses in PostgreSQL. Nobody else learns of them, so nothing is told. */
export interface Addresses {
  /** Throws `STATE_CONFLICT` above a hundred. */
  add(transaction: Transaction, owner: string, address: NewAddress): Promise<Address>;
  /** In the order they were saved. */
  list(owner: string, page: { after?: string | undefined; limit: number }): Promise<Address[]>;
  /** Throws `RESOURCE_UNKNOWN`, or `VERSION_STALE` for another version than the stored one. */
  change(owner: string, id: string, change: AddressChange): Promise<Address>;
  /** Throws `RESOURCE_UNKNOWN` for an address that is not theirs. */
  remove(owner: string, id: string): Promise<void>;
}

export function createAddresses(deps: {
  database: Database;
  clock: { now(): number };
  random: () => number;
}): Addresses {
  const { database, clock, random } = deps;
  const unknown = () => new Problem('RESOURCE_UNKNOWN', 'There is no such address.');
  return {
    async add(transaction, owner, { label, address, lat, lon, instructions }) {
      const [row] = await transaction.query<AddressRow>(
        'address_add',
        sql`insert into addresses (id, customer_id, label, address, lat, lon, instructions)
          select ${uuidV7(clock.now(), random)}, ${owner}, ${label}, ${address}, ${lat}, ${lon}, ${instructions ?? null}
          where (select count(*) from addresses where customer_id = ${owner}) < ${mostAddresses} returning ${columns}`,
      );
      if (!row) {
        throw new Problem(
          'STATE_CONFLICT',
          `There are ${mostAddresses} addresses already; remove one first.`,
        );
      }
      return toAddress(row);
    },
    async list(owner, { after, limit }) {
      const rows = await database.read<AddressRow>(
        'address_list',
        sql`select ${columns} from addresses where customer_id = ${owner}
          and ${after === undefined ? sql`true` : sql`id > ${after}`} order by id limit ${limit}`,
      );
      return rows.map(toAddress);
    },
    async change(owner, id, { label, address, lat, lon, instructions, version }) {
      const [row] = await database.query<AddressRow>(
        'address_change',
        sql`update addresses set label = coalesce(${label ?? null}, label),
          address = coalesce(${address ?? null}, address), lat = coalesce(${lat ?? null}, lat),
          lon = coalesce(${lon ?? null}, lon), instructions = coalesce(${instructions ?? null}, instructions),
          version = version + 1
          where id = ${id} and customer_id = ${owner} and version = ${version} returning ${columns}`,
      );
      if (row) return toAddress(row);
      const found = await database.read(
        'address_find',
        sql`select from addresses where id = ${id} and customer_id = ${owner}`,
      );
      throw found.length > 0
        ? new Problem('VERSION_STALE', 'The address has changed; read it again.')
        : unknown();
    },
    async remove(owner, id) {
      const gone = await database.query(
        'address_remove',
        sql`delete from addresses where id = ${id} and customer_id = ${owner} returning id`,
      );
      if (gone.length === 0) throw unknown();
    },
  };
}

function toAddress({ created_at, instructions, ...row }: AddressRow): Address {
  return { ...row, ...(instructions !== null && { instructions }), createdAt: created_at.toISOString() };
}
