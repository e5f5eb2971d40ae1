/** One rule that a plan breaks, as checkov names it. */
export interface PolicyFinding {
  readonly rule: string;
  readonly what: string;
  readonly resource: string;
}

/** What the policy check gave, or why there was none. */
export type PolicyCheck =
  | { readonly kind: 'checked'; readonly findings: readonly PolicyFinding[] }
  | { readonly kind: 'not-checked'; readonly why: string };

interface Report {
  readonly results?: { readonly failed_checks?: readonly Record<string, unknown>[] };
}

/** Reads checkov's JSON: one report, or a list of them, by framework. */
export function readCheckov(text: string): PolicyCheck {
  const reports = tryReports(text);
  if (!reports) return { kind: 'not-checked', why: 'what checkov printed is no report' };
  const findings = reports
    .flatMap(({ results }) => results?.failed_checks ?? [])
    .map((one) => ({
      rule: String(one.check_id ?? ''),
      what: String(one.check_name ?? ''),
      resource: String(one.resource ?? ''),
    }));
  return { kind: 'checked', findings };
}

function tryReports(text: string): Report[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    return Array.isArray(value) ? (value as Report[]) : [value];
  } catch {
    return undefined;
  }
}
