import type { Logger } from 'pino';
import type { Database } from '../lib/database.ts';
import { sql } from '../lib/sql.ts';

/**
 * Why jobs were not done. SQS keeps a message and its id when it parks it, but has no place for a reason, so that is
 * kept here.
 */
export interface JobFaults {
  /** Keeps the newest reason. Never rejects: the job's own fault is what counts. */
  note(messageId: string, reason: string): Promise<void>;
  /** Forgets the reason of a job that is done; asks the database only after a first delivery failed. */
  forget(messageId: string, receiveCount: number): Promise<void>;
  /** The reasons of those that have one. */
  find(messageIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Forgets those that SQS has forgotten: it keeps parked messages for 14 days. */
  clean(): Promise<void>;
}

export function createJobFaults(database: Database, log: Logger): JobFaults {
  return {
    async note(messageId, reason) {
      const statement = sql`insert into job_faults (message_id, reason) values (${messageId}, ${reason})
        on conflict (message_id) do update set reason = excluded.reason, at = now()`;
      await database
        .query('job_fault_note', statement)
        .catch((error: unknown) => log.warn({ err: error, messageId, reason }, 'reason not kept'));
    },
    async forget(messageId, receiveCount) {
      if (receiveCount === 1) return;
      await database.query('job_fault_forget', sql`delete from job_faults where message_id = ${messageId}`);
    },
    async find(messageIds) {
      const rows = await database.read<{ message_id: string; reason: string }>(
        'job_fault_find',
        sql`select message_id, reason from job_faults where message_id = any(${[...messageIds]})`,
      );
      return new Map(rows.map(({ message_id, reason }) => [message_id, reason]));
    },
    async clean() {
      await database.query(
        'job_fault_clean',
        sql`delete from job_faults where at < now() - interval '14 days'`,
      );
    },
  };
}
