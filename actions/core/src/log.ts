/** Where an annotation points: `title` is its heading, `file` is relative to the workspace, `line` counts from 1. */
export interface AnnotationPlace {
  readonly title?: string;
  readonly file?: string;
  readonly line?: number;
}

/**
 * What a step may say. `info` is a plain line; `notice`, `warning` and `error` are annotations, which GitHub
 * also shows outside the log (10 of a kind a step). `group` folds the lines written while `run` is under way.
 * `mask` must be called before the first line that could hold the secret.
 */
export interface Log {
  info(line: string): void;
  notice(message: string, at?: AnnotationPlace): void;
  warning(message: string, at?: AnnotationPlace): void;
  error(message: string, at?: AnnotationPlace): void;
  group<T>(title: string, run: () => Promise<T>): Promise<T>;
  mask(secret: string): void;
}
