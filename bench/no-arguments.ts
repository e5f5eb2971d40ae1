/**
 * Ends the process with 2 when a benchmark that takes no arguments was given some: who mistypes one of the others would
 * otherwise wait minutes for the wrong figures.
 */
export function takeNoArguments(command: string): void {
  const given = process.argv.slice(2);
  if (given.length === 0) return;
  console.error(
    `npm run ${command} takes no arguments, but got ${given.join(' ')}; write npm run bench, bench:services, bench:start or bench:verdict.`,
  );
  process.exit(2);
}
