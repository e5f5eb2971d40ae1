import { appendFile, stat } from 'node:fs/promises';
import type { Log } from '../log.ts';

/** The runner refuses a step's summary above this size and then shows none of it. */
const SIZE_LIMIT_BYTES = 1024 * 1024;

/**
 * Adds Markdown to the job's page. `file` is `GITHUB_STEP_SUMMARY`; without it nothing is written.
 * Never throws: a page is an extra, the verdict is not. What would pass 1 MiB is left out with a warning.
 */
export async function appendJobSummary(markdown: string, file: string | undefined, log: Log): Promise<void> {
  if (!file) return;
  try {
    const used = await stat(file)
      .then((s) => s.size)
      .catch(() => 0);
    if (used + Buffer.byteLength(markdown) > SIZE_LIMIT_BYTES) {
      log.warning('The job summary would pass 1 MiB, so this part is only in the log.');
      return;
    }
    await appendFile(file, `${markdown}\n`, 'utf8');
  } catch (error) {
    log.warning(
      `The job summary could not be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
