import * as core from '@actions/core';
import type { AnnotationPlace, Log } from '../log.ts';

/** GitHub cuts an annotation's message at 4,096 characters; we cut before, so that the end is marked. */
const MESSAGE_LIMIT = 4000;

/** A `Log` that writes workflow commands: lines, annotations, groups and masks of the runner. */
export const githubLog: Log = {
  info: (line) => core.info(line),
  notice: (message, at) => core.notice(short(message), propertiesOf(at)),
  warning: (message, at) => core.warning(short(message), propertiesOf(at)),
  error: (message, at) => core.error(short(message), propertiesOf(at)),
  group: (title, run) => core.group(title, run),
  mask: (secret) => maskEachLine(secret),
};

/** The runner masks line by line, so each line of a secret is registered; very short ones would hide half the log. */
function maskEachLine(secret: string): void {
  for (const line of new Set([secret, ...secret.split(/\r?\n/)])) {
    if (line.trim().length >= 3) core.setSecret(line);
  }
}

function short(message: string): string {
  return message.length > MESSAGE_LIMIT ? `${message.slice(0, MESSAGE_LIMIT)}\n… (cut)` : message;
}

function propertiesOf(at: AnnotationPlace | undefined): core.AnnotationProperties {
  return {
    ...(at?.title === undefined ? {} : { title: at.title }),
    ...(at?.file === undefined ? {} : { file: at.file }),
    ...(at?.line === undefined ? {} : { startLine: at.line }),
  };
}
