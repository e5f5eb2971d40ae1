import type { PreflightFinding } from './preflight-finding.ts';
import { familyRevisionOf } from './rollback-target.ts';

/** The docker label that says which versions of its database's schema a revision understands. */
export const SCHEMA_LABEL = 'berth.schema';

/** What is known of the schema that a rollback would meet. */
export interface SchemaReading {
  /** The target's label: `any`, one version, or a range like `12..15`, `..15` or `12..`. */
  understood?: string;
  /** The version that is live, as the user's own command printed it. */
  live?: string;
  /** Revisions deployed after the target with which a migration ran. */
  migratedWith: readonly string[];
  /** The manifest gives the service a migration. */
  hasMigration: boolean;
  /** The user takes the risk. */
  accepted: boolean;
}

/**
 * Judges whether the code gone back to can read the schema of now: refused where it says it cannot, or where a
 * migration ran since and nobody can say. Versions are compared number by number (`9` before `10`).
 */
export function judgeSchema(schema: SchemaReading): PreflightFinding[] {
  const { understood, live, migratedWith, hasMigration, accepted } = schema;
  if (understood === 'any') return [];
  const [from, to] = rangeOf(understood);
  const kind = accepted ? 'warn' : 'refuse';
  const remedy = accepted ? '' : ': roll forward, or write "accept-schema-risk: true"';
  if (understood !== undefined && live !== undefined) {
    if ((!from || order(from, live) <= 0) && (!to || order(live, to) <= 0)) return [];
    const text = `the schema is at ${live}, and the target understands ${understood}${remedy}`;
    return [{ check: 'schema-newer', kind, text }];
  }
  if (migratedWith.length > 0) {
    const names = migratedWith.map(familyRevisionOf).join(', ');
    const text = `a migration ran with ${names} since, and whether the target understands the schema is not known${remedy}`;
    return [{ check: 'schema-unknown', kind, text }];
  }
  const text = `the service has a migration; which schema the target understands is not known (label ${SCHEMA_LABEL})`;
  return hasMigration ? [{ check: 'schema-unseen', kind: 'warn', text }] : [];
}

function rangeOf(understood = ''): [string, string] {
  const [from = '', to = from] = understood.split('..').map((part) => part.trim());
  return [from, to];
}

function order(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
