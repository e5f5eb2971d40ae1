import type * as ecr from '@aws-sdk/client-ecr';

/** What a scan of an image finds; who has set nothing has `COMPLETE` without findings. */
export type ScanOutcome = {
  status: ecr.ScanStatus;
  description?: string;
  findings: ecr.ImageScanFinding[];
  enhancedFindings: ecr.EnhancedImageScanFinding[];
};

/** A scan of one image. */
export type ScanRecord = {
  /** Epoch milliseconds. */
  startedAt: number;
  outcome: ScanOutcome;
};

export const cleanOutcome: ScanOutcome = { status: 'COMPLETE', findings: [], enhancedFindings: [] };

const descriptions: Partial<Record<ecr.ScanStatus, string>> = {
  COMPLETE: 'The scan was completed successfully.',
  ACTIVE: 'Continuous scan is selected for image.',
};

export function scanStatusOf({ outcome }: ScanRecord): ecr.ImageScanStatus {
  const description = outcome.description ?? descriptions[outcome.status];
  return { status: outcome.status, ...(description === undefined ? {} : { description }) };
}

/** Findings by severity, only those that occur. */
function countSeverities({ findings, enhancedFindings }: ScanOutcome) {
  const counts: Partial<Record<ecr.FindingSeverity, number>> = {};
  for (const { severity } of [...findings, ...enhancedFindings]) {
    const known = severities.find((name) => name === severity) ?? 'UNDEFINED';
    counts[known] = (counts[known] ?? 0) + 1;
  }
  return counts;
}

const severities = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL', 'UNDEFINED'] as const;

/** Begins a scan, which ends at once with what was set for the image, else for its repository. */
export function startScan(
  repository: { scanOutcome?: ScanOutcome },
  image: { scan?: ScanRecord; scanOutcome?: ScanOutcome },
  now: number,
): void {
  image.scan = { startedAt: now, outcome: image.scanOutcome ?? repository.scanOutcome ?? cleanOutcome };
}

/** The summary that DescribeImages shows: there once a scan has ended with or without findings. */
export function scanSummaryOf({ startedAt, outcome }: ScanRecord): ecr.ImageScanFindingsSummary | undefined {
  if (outcome.status !== 'COMPLETE' && outcome.status !== 'ACTIVE') return undefined;
  const at = new Date(startedAt);
  return {
    imageScanCompletedAt: at,
    vulnerabilitySourceUpdatedAt: at,
    findingSeverityCounts: countSeverities(outcome),
  };
}
