import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chooseBridgeAddress, parseRoutes } from '../bridge-subnet.ts';
import { canBuild } from '../docker-cli.ts';
import { bridgeHardwareAddress, bridgeName } from '../engine-daemon.ts';
import { mountsBelow, type ProcessRow, selectFamily } from '../engine-leftovers.ts';

const header = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT';

/** A row of /proc/net/route for `a.b.c.d/bits`. */
function route(address: string, bits: number): string {
  const hex = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value >>> 0);
    return bytes.toString('hex').toUpperCase();
  };
  const number = address.split('.').reduce((total, part) => total * 256 + Number(part), 0);
  const mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  return `eth0\t${hex(number)}\t00000000\t0001\t0\t0\t0\t${hex(mask)}\t0\t0\t0`;
}

describe('the network of the bridge', () => {
  const rows: [title: string, routes: string[], address: string | undefined][] = [
    [
      'the first candidate on a plain machine',
      [route('0.0.0.0', 0), route('192.168.1.0', 24)],
      '10.213.0.1/24',
    ],
    ['the next when it is taken', [route('10.213.0.0', 24)], '10.213.1.1/24'],
    ['another range when a company routes all of 10/8', [route('10.0.0.0', 8)], '172.29.0.1/24'],
    ['also beside a single address', [route('10.213.0.77', 32)], '10.213.1.1/24'],
    [
      'none when everything private is routed',
      [route('10.0.0.0', 8), route('172.16.0.0', 12), route('192.168.0.0', 16)],
      undefined,
    ],
  ];
  test.each(rows)('is %s', (_, routes, address) => {
    expect(chooseBridgeAddress([header, ...routes, ''].join('\n'))).toBe(address);
  });

  test('never overlaps a route', () => {
    const anyRoute = fc.tuple(
      fc.constantFrom(10, 172, 192),
      fc.nat(255),
      fc.nat(255),
      fc.integer({ min: 9, max: 32 }),
    );
    fc.assert(
      fc.property(fc.array(anyRoute), (list) => {
        const text = [header, ...list.map(([a, b, c, bits]) => route(`${a}.${b}.${c}.0`, bits))].join('\n');
        const chosen = chooseBridgeAddress(text);
        if (chosen === undefined) return;
        const ours =
          parseRoutes([header, route(chosen.replace(/\.1\/24$/, '.0'), 24)].join('\n'))[0]?.address ?? 0;
        for (const { address, bits } of parseRoutes(text)) {
          const size = 2 ** (32 - bits);
          const start = Math.floor(address / size) * size;
          expect(start + size <= ours || ours + 256 <= start).toBe(true);
        }
      }),
    );
  });

  test('has a bridge name the kernel takes, another for another folder', () => {
    expect(bridgeName('/tmp/a')).toMatch(/^berth-[0-9a-f]{8}$/);
    expect(bridgeName('/tmp/a')).not.toBe(bridgeName('/tmp/b'));
  });

  test('has a hardware address of its own, administered locally and no group address', () => {
    expect(bridgeHardwareAddress('berth-1')).toMatch(/^02(:[0-9a-f]{2}){5}$/);
    expect(bridgeHardwareAddress('berth-1')).not.toBe(bridgeHardwareAddress('berth-2'));
  });
});

test.each([
  [true, 'Docker version 28.2.2, build e6534b4', true],
  [false, 'Docker version 28.2.2, build e6534b4', false],
  [false, 'Docker version 23.0.0, build 1', false],
  [false, 'Docker version 20.10.24+dfsg1, build 297e128', true],
  [false, 'Docker version 18.09.1, build 4c52b90', true],
  [false, 'Docker version 18.06.1-ce, build e68fc7a', false],
  [false, 'podman version 4.3.1', false],
])('a client with buildx %s and "%s" can build: %s', (buildx, version, expected) => {
  expect(canBuild({ buildx, version })).toBe(expected);
});

test('lists mounts below the folder, the innermost first, with blanks in their names', () => {
  const line = (path: string) => `36 25 0:32 / ${path} rw - tmpfs tmpfs rw`;
  const info = ['/e', '/e/data', '/e/data/overlay2/x\\040y', '/other', '/e2/data'].map(line).join('\n');
  expect(mountsBelow('/e', info)).toEqual(['/e/data/overlay2/x y', '/e/data']);
});

test('counts as the engine what names its folder and what descends from that, nothing else', () => {
  const row = (pid: number, parent: number, commandLine: string): ProcessRow => ({
    pid,
    parent,
    commandLine,
  });
  const rows = [
    row(10, 1, 'dockerd\0--pidfile\0/e/docker.pid'),
    row(11, 10, 'containerd\0--config\0/e/exec/containerd.toml'),
    row(12, 1, 'containerd-shim-runc-v2\0-address\0/e/exec/containerd.sock'),
    row(13, 12, 'node\0server.js'),
    row(14, 13, 'node\0child.js'),
    row(15, 1, 'tail\0-f\0/e/dockerd.log'),
    row(20, 1, 'dockerd\0--pidfile\0/e2/docker.pid'),
    row(21, 20, 'node\0other.js'),
  ];
  expect(selectFamily(rows, '/e').map((one) => one.pid)).toEqual([10, 11, 12, 13, 14]);
});
