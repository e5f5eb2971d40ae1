import { BlockList, isIP } from 'node:net';

/** Whether an address lies in a range (`203.0.113.0/24`, `2001:db8::/32`) or is the one that is named. */
export function isInRange(range: string, address: string): boolean {
  const [base = '', bits] = range.split('/');
  const version = isIP(base);
  if (version === 0 || version !== isIP(address)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const widest = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? widest : /^\d+$/.test(bits) ? Number(bits) : Number.NaN;
  if (!(prefix <= widest)) return false;
  const list = new BlockList();
  list.addSubnet(base, prefix, family);
  return list.check(address, family);
}
