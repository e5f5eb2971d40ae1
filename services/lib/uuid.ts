/**
 * Makes a UUID of version 7 (RFC 9562, section 5.7): 48 bits of time, then random bits, so that ids sort by the time
 * they were made. `now` is in epoch milliseconds, `random` gives numbers from 0 up to 1.
 */
export function uuidV7(now: number, random: () => number): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(now, 0, 6);
  for (let index = 6; index < 16; index += 1) bytes[index] = Math.floor(random() * 256);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
