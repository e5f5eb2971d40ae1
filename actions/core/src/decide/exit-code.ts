const MEANINGS: Readonly<Record<number, string>> = {
  0: 'it ended by itself without an error; an essential container must keep running',
  1: 'the program reported an error',
  2: 'the program was started wrongly, or a shell built-in failed',
  125: 'the container could not be run',
  126: 'the command was found but could not be run (permission, or not a program)',
  127: 'the command was not found in the image',
  134: 'aborted by itself (SIGABRT)',
  137: 'killed (SIGKILL): out of memory, or it did not stop in time after SIGTERM',
  139: 'crashed on a wrong memory access (SIGSEGV)',
  143: 'told to stop (SIGTERM)',
  255: 'the program reported an error, or its exit code was out of range',
};

/**
 * Explains a container's exit code in a few words, with what ECS says beside it. Codes above 128 are 128 plus the
 * signal's number (POSIX shells and Docker); an unlisted one of these names the number.
 */
export function explainExitCode(exitCode: number, reason = ''): string {
  if (exitCode === 137 && /OutOfMemory/i.test(reason)) return 'killed (SIGKILL): out of memory';
  const meaning = MEANINGS[exitCode];
  if (meaning) return meaning;
  if (exitCode > 128 && exitCode <= 192) return `ended by signal ${exitCode - 128}`;
  return 'a code of the program itself';
}
