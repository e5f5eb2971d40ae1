import type { Log } from '../../actions/core/src/log.ts';

/** What a terminal is written to: `isTTY` says that lines can be drawn over. */
export interface Terminal {
  write(text: string): void;
  isTTY: boolean;
}

/** A `Log` for a person at a terminal, with a part at its foot that is drawn anew. */
export interface TerminalLog extends Log {
  redraw: ((lines: string[]) => void) | undefined;
  /** Leaves what was drawn last as it is; later lines come below it. */
  settle(): void;
}

/** ANSI: up by n lines, to the first column, and clear to the end of the screen. */
const clear = (lines: number): string => (lines > 0 ? `\u001b[${lines}A\r\u001b[J` : '');

/**
 * Writes lines as they come. On a terminal the tracker stays below them, drawn over at each reading; elsewhere
 * there is only one line a change. Secrets that were masked are shown as `***`.
 */
export function terminalLog({ write, isTTY }: Terminal): TerminalLog {
  const secrets: string[] = [];
  let drawn: string[] = [];
  const masked = (text: string): string =>
    secrets.reduce((masking, secret) => masking.replaceAll(secret, '***'), text);
  const line = (text: string): void => {
    write(clear(drawn.length) + [masked(text), ...drawn].map((one) => `${one}\n`).join(''));
  };
  return {
    info: line,
    notice: (message) => line(`notice: ${message}`),
    warning: (message) => line(`warning: ${message}`),
    error: (message, at) => line(`error: ${at?.title ? `${at.title}\n` : ''}${message}`),
    group: async (title, run) => {
      line(title);
      return run();
    },
    mask: (secret) => {
      if (secret.trim().length >= 3) secrets.push(secret);
    },
    redraw: isTTY
      ? (lines) => {
          const before = drawn.length;
          drawn = lines.map(masked);
          write(clear(before) + drawn.map((one) => `${one}\n`).join(''));
        }
      : undefined,
    settle: () => {
      drawn = [];
    },
  };
}
