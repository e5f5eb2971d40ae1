/**
 * `SERVICE=<name> node bundle.ts [out folder]` writes `main.cjs`: main.ts, that one service and its packages in one
 * file, which is all an image needs beside Node. Run by the Dockerfile.
 */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles one service. The file is CommonJS: the packages are, and Node starts it without a package.json. */
export async function bundleService(service: string, sources: string, outfile: string): Promise<void> {
  await build({
    absWorkingDir: sources,
    entryPoints: ['main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // The SDK's ES modules, so that commands nobody uses are left out.
    mainFields: ['module', 'main'],
    define: { 'process.env.SERVICE': JSON.stringify(service) },
    // Drops the branches of the other services; lines and names stay, so that a stack trace can be read.
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
}

const self = fileURLToPath(import.meta.url);
if (process.argv[1] === self) {
  const service = process.env.SERVICE;
  if (!service) throw new Error('SERVICE is missing; write for example --build-arg SERVICE=email-api.');
  await bundleService(
    service,
    fileURLToPath(new URL('.', import.meta.url)),
    `${process.argv[2] ?? 'out'}/main.cjs`,
  );
}
