/**
 * One thing found before a rollback writes. `refuse` keeps it from its first write; `act` is what it does
 * differently because of it; `warn` is part of the plan.
 */
export interface PreflightFinding {
  check: string;
  kind: 'refuse' | 'act' | 'warn';
  text: string;
}

export function refuse(check: string, text: string): PreflightFinding {
  return { check, kind: 'refuse', text };
}

export function act(check: string, text: string): PreflightFinding {
  return { check, kind: 'act', text };
}

export function warn(check: string, text: string): PreflightFinding {
  return { check, kind: 'warn', text };
}
