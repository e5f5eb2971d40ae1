interface LockEntry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  optionalDependencies?: Record<string, string>;
}
export function platformOf(name: string): { os?: string[]; cpu?: string[] };
export function missingPlatformPackages(packages: Record<string, LockEntry>): Record<string, LockEntry>;
