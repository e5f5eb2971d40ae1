import { describe, expect, test } from '@jest/globals';
import { terminalLog } from '../src/terminal-log.ts';

function written(isTTY: boolean) {
  let text = '';
  const log = terminalLog({
    isTTY,
    write: (more) => {
      text += more;
    },
  });
  return { log, text: () => text };
}

describe('the log of a terminal', () => {
  test('draws the tracker over what it drew before, and keeps it below new lines', () => {
    const { log, text } = written(true);
    log.redraw?.(['a', 'b']);
    log.info('line');
    log.redraw?.(['c']);
    expect(text()).toBe('a\nb\n\u001b[2A\r\u001b[Jline\na\nb\n\u001b[2A\r\u001b[Jc\n');
  });

  test('leaves the last drawing where it is once it is settled', () => {
    const { log, text } = written(true);
    log.redraw?.(['a']);
    log.settle();
    log.info('line');
    expect(text()).toBe('a\nline\n');
  });

  test('draws nothing where there is no terminal', () => {
    const { log, text } = written(false);
    expect(log.redraw).toBeUndefined();
    log.info('line');
    expect(text()).toBe('line\n');
  });

  test('masks secrets in lines and drawings', () => {
    const { log, text } = written(true);
    log.mask('hunter2');
    log.error('the key hunter2 is wrong', { title: 'Key' });
    log.redraw?.(['hunter2']);
    expect(text()).not.toContain('hunter2');
    expect(text()).toContain('error: Key\nthe key *** is wrong');
  });
});
