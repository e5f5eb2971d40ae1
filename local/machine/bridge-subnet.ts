/** An IPv4 network: its first address as a number, and its length. */
interface Network {
  address: number;
  bits: number;
}

/** Private ranges to look for room in, the least used first. */
const ranges = ['10.213.0.0', '172.29.0.0', '192.168.224.0', '10.87.0.0', '172.22.0.0'];
const subnetsPerRange = 16;
const subnetBits = 24;

/**
 * Chooses a /24 that overlaps none of the machine's networks and gives the bridge's own address in it, such
 * as `10.213.0.1/24`; `undefined` when all 80 candidates are taken. `routes` is the text of
 * `/proc/net/route`; the default route counts for nothing.
 */
export function chooseBridgeAddress(routes: string): string | undefined {
  const taken = parseRoutes(routes);
  for (const range of ranges) {
    for (let index = 0; index < subnetsPerRange; index++) {
      const address = addressOf(range) + index * 256;
      if (!taken.some((one) => overlaps(one, { address, bits: subnetBits })))
        return `${textOf(address + 1)}/${subnetBits}`;
    }
  }
  return undefined;
}

/** Reads the kernel's routing table: addresses and masks are little-endian hexadecimal. */
export function parseRoutes(routes: string): Network[] {
  return routes
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, destination, , , , , , mask]) => (destination && mask ? [networkOf(destination, mask)] : []))
    .filter((network) => network.bits > 0);
}

function networkOf(destination: string, mask: string): Network {
  const bits = reversed(mask).toString(2).replaceAll('0', '').length;
  return { address: reversed(destination), bits };
}

function reversed(hex: string): number {
  return Buffer.from(hex, 'hex').readUInt32LE(0);
}

function overlaps(one: Network, other: Network): boolean {
  const size = 2 ** (32 - Math.min(one.bits, other.bits));
  return Math.floor(one.address / size) === Math.floor(other.address / size);
}

function addressOf(text: string): number {
  return text.split('.').reduce((total, part) => total * 256 + Number(part), 0);
}

function textOf(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
