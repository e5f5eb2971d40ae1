import type { Passing } from './wire-tap.ts';

/** Where a process can die between a change and the mark that its event has been published. */
export const failPoints = [
  'before commit',
  'after commit',
  'after publish, before mark',
  'during ack',
  'after mark',
] as const;
export type FailPoint = (typeof failPoints)[number];

/** Sees the point that was set, has the process killed there, and lets nothing pass from then on. */
export function createTrap() {
  let point: FailPoint | undefined;
  let kill: () => void = () => undefined;
  let isSprung = false;
  let isPublished = false;
  /** What the open transaction of a connection does, and whether its commit is on its way. */
  const notes = new WeakMap<object, { does?: 'tell' | 'mark'; commits: boolean }>();
  const names = { tell: new Set<string>(), mark: new Set<string>() };

  function spring(): false {
    isSprung = true;
    kill();
    return false;
  }

  /** Statements are prepared: their text passes once a connection, afterwards their name does. */
  function kindOf(text: string): 'tell' | 'mark' | undefined {
    const [, name, words] = /P[\s\S]{4}([0-9a-f]{32})\0([^\0]+)/.exec(text) ?? [];
    if (name && words?.includes('insert into outbox')) names.tell.add(name);
    if (name && words?.startsWith('update outbox set published_at')) names.mark.add(name);
    return (['tell', 'mark'] as const).find((kind) => [...names[kind]].some((known) => text.includes(known)));
  }

  return {
    set(at: FailPoint, how: () => void) {
      point = at;
      kill = how;
    },
    /** Lets everything pass again. */
    reset() {
      point = undefined;
      isSprung = false;
      isPublished = false;
    },
    atDatabase({ connection, from, text }: Passing): boolean {
      if (isSprung) return false;
      const note = notes.get(connection) ?? { commits: false };
      notes.set(connection, note);
      const isPoint = (does: 'tell' | 'mark', ...points: FailPoint[]) =>
        note.does === does && point !== undefined && points.includes(point);
      if (from === 'server') {
        const isDone = note.commits && (isPoint('tell', 'after commit') || isPoint('mark', 'after mark'));
        if (isDone && (note.does === 'tell' || isPublished)) return spring();
        // A later mark may be of nothing: the relay looks four times a second.
        if (note.commits && note.does === 'mark') isPublished = false;
        note.commits = false;
        return true;
      }
      if (text.includes('begin\0')) delete note.does;
      note.does = kindOf(text) ?? note.does;
      note.commits = text.includes('commit\0');
      if (!note.commits) return true;
      const isBefore =
        isPoint('tell', 'before commit') || (isPublished && isPoint('mark', 'after publish, before mark'));
      return isBefore ? spring() : true;
    },
    atBus({ from, text }: Passing): boolean {
      if (isSprung) return false;
      if (from === 'server' && /"stream":\s*"ORDERS",\s*"seq"/.test(text)) {
        isPublished = true;
        if (point === 'during ack') return spring();
      }
      return true;
    },
  };
}
