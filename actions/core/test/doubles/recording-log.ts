import type { AnnotationPlace, Log } from '../../src/log.ts';

/** A log that keeps what it was told; `lines` holds everything in order, prefixed with its kind. */
export interface RecordingLog extends Log {
  readonly lines: string[];
  readonly masked: string[];
  readonly annotations: { kind: string; message: string; at: AnnotationPlace | undefined }[];
}

export function recordingLog(): RecordingLog {
  const lines: string[] = [];
  const masked: string[] = [];
  const annotations: RecordingLog['annotations'] = [];
  const annotate =
    (kind: string) =>
    (message: string, at?: AnnotationPlace): void => {
      lines.push(`${kind}: ${message}`);
      annotations.push({ kind, message, at });
    };
  return {
    lines,
    masked,
    annotations,
    info: (line) => void lines.push(line),
    notice: annotate('notice'),
    warning: annotate('warning'),
    error: annotate('error'),
    mask: (secret) => void masked.push(secret),
    group: (title, run) => {
      lines.push(`group: ${title}`);
      return run();
    },
  };
}
