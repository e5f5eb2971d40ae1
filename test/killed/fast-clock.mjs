/**
 * Loaded before a bundle (`node --import`), it lets the process live `CLOCK_FACTOR` times as fast: its waits are that
 * much shorter, and its clock goes that much faster. The time-outs of connections, whole seconds from 4 on, stay.
 */
const factor = Number(process.env.CLOCK_FACTOR);
const now = Date.now.bind(Date);
const startedAt = now();
const later = globalThis.setTimeout;

const isTimeout = (ms) => ms >= 4_000 && ms % 1_000 === 0;

Date.now = () => startedAt + (now() - startedAt) * factor;
globalThis.setTimeout = (act, ms = 0, ...given) => later(act, isTimeout(ms) ? ms : ms / factor, ...given);
