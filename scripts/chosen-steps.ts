/** The test runs that steps are made of, by their jest configuration in test/. */
export type Run = 'unit' | 'long' | 'platform' | 'itg';

/** A step as far as it belongs to tests; one without `runs` belongs to every choice of them. */
export interface TestStep {
  /** What it runs itself, or prepares for. */
  readonly runs?: readonly Run[];
}

/**
 * Which of the steps a choice of tests has, and which it passes over. `found` holds the runs that have a test of the
 * choice. Throws when none has: then a path is misspelt, or its tests belong to other steps.
 */
export function chooseSteps<Name extends string>(
  steps: Readonly<Record<Name, TestStep>>,
  names: readonly Name[],
  choice: readonly string[],
  found: ReadonlySet<Run>,
): { chosen: Name[]; passedOver: Name[] } {
  if (found.size === 0)
    throw new Error(
      `No test file of this run matches ${choice.join(' ')}: write part of the path of one, for example actions/core. \`npm run check\` has unit tests only, \`npm test\` has all.`,
    );
  const has = (name: Name): boolean => steps[name].runs?.some((run) => found.has(run)) ?? true;
  return { chosen: names.filter(has), passedOver: names.filter((name) => !has(name)) };
}
