import picomatch from 'picomatch';
import type { Service } from '../../core/src/manifest.ts';

/** A matcher of repository paths for a service's own globs; a glob that begins with `!` takes files out again. */
function globMatcher(globs: readonly string[]): (path: string) => boolean {
  const clean = (glob: string): string => glob.replace(/^\.\//, '');
  const wanted = picomatch(globs.filter((g) => !g.startsWith('!')).map(clean), { dot: true });
  const unwanted = globs.filter((g) => g.startsWith('!')).map((g) => clean(g.slice(1)));
  const refused = unwanted.length > 0 ? picomatch(unwanted, { dot: true }) : () => false;
  return (path) => wanted(path) && !refused(path);
}

/** The files that go into the image: the service's `paths`, its Dockerfile and that Dockerfile's own ignore file. */
export function imageFileMatcher(service: Service): (path: string) => boolean {
  const inPaths = globMatcher(service.paths);
  const folder = service.context === '.' ? '' : `${service.context}/`;
  const always = new Set([
    service.dockerfile,
    `${service.dockerfile}.dockerignore`,
    `${folder}.dockerignore`,
  ]);
  return (path) => always.has(path) || inPaths(path);
}

/** The files that make a deployment worth while: those of the image, the task definition template, the smoke file. */
export function deploymentFileMatcher(service: Service): (path: string) => boolean {
  const inImage = imageFileMatcher(service);
  const templates = new Set([service.taskDefinition?.replace(/^\.\//, ''), service.smoke]);
  return (path) => templates.has(path) || inImage(path);
}
