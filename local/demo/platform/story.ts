import type { Change } from '../../../services/standalone/bad-versions.ts';
import type { Files } from '../caller.ts';
import type { Narrator, Row } from '../chapter.ts';
import { describeServing } from '../serving.ts';
import { type CatalogueEntry, wavesOf } from './catalogue.ts';
import type { Release, Shipment } from './fleet.ts';
import { goldenJourney, type Journey, type JourneyGround } from './golden-journey.ts';
import { type JourneyCounts, startJourneys } from './journeys.ts';
import { type OneProcess, shipOneProcess } from './one-process.ts';
import { People } from './people.ts';
import { type Platform, untilAllEnded } from './platform.ts';

/** What the story came to. */
export interface PlatformEnding {
  readonly rows: Row[];
  readonly services: readonly CatalogueEntry[];
  /** Bytes of each service's image above its base. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly shipped: Shipment;
  readonly delivery: Journey;
  readonly badOrders: readonly BadOrder[];
  /** Of the deliveries while bad orders came and went. */
  readonly journeys: JourneyCounts;
  readonly oneProcess: OneProcess;
}

/** What became of a bad version of order. */
export interface BadOrder {
  readonly name: string;
  readonly shipped: Shipment;
  /** Deliveries that were made meanwhile. */
  readonly made: number;
  /** The version that order says it is of, afterwards. */
  readonly version: unknown;
}

interface Sources {
  readonly files: Files;
  readonly bad: readonly Change[];
}

/** Every image of the story: one Dockerfile makes them all. */
interface Images {
  readonly ten: Release;
  readonly all: Release;
  /** Of `order` alone, in the order of the changes. */
  readonly bad: readonly Release[];
}

const versions = { first: 'first', second: 'second' } as const;

/** Tells the whole story; every chapter adds its rows. Throws only if a chapter cannot be told. */
export async function tellPlatformStory(
  platform: Platform,
  sources: Sources,
  narrator: Narrator,
  signal: AbortSignal,
): Promise<PlatformEnding> {
  const teller = new Teller(platform, narrator);
  const images = await teller.firstImages(sources);
  signal.throwIfAborted();
  const shipped = await teller.shipAll({ ...images.ten, version: versions.second });
  signal.throwIfAborted();
  const delivery = await teller.journey();
  const journeys = startJourneys(teller.gate);
  const badOrders: BadOrder[] = [];
  try {
    for (const [index, bad] of sources.bad.entries()) {
      signal.throwIfAborted();
      badOrders.push(await teller.badOrder(bad, index, images, journeys.counts));
    }
  } finally {
    await journeys.stop();
  }
  signal.throwIfAborted();
  const oneProcess = await teller.oneProcess(sources.files, images.all);
  const { rows, services, sizes } = teller;
  return {
    ...{ rows, services, sizes, shipped, delivery, badOrders },
    journeys: journeys.counts,
    oneProcess,
  };
}

class Teller {
  readonly rows: Row[] = [];
  readonly gate: JourneyGround;
  readonly #platform: Platform;
  readonly #narrator: Narrator;

  constructor(platform: Platform, narrator: Narrator) {
    this.#platform = platform;
    this.#narrator = narrator;
    this.gate = {
      base: platform.fleet.url('gateway'),
      manager: platform.ground.firstManager,
      people: new People(),
    };
  }

  get services(): readonly CatalogueEntry[] {
    return this.#platform.fleet.services;
  }

  get sizes(): ReadonlyMap<string, number> {
    const { sizes } = this.#platform;
    return new Map(this.services.map(({ name }) => [name, sizes.get(name) ?? Number.NaN]));
  }

  /** (b) All images by one Dockerfile; each of the ten services is created as soon as its first one is there. */
  async firstImages({ files, bad }: Sources): Promise<Images> {
    const { fleet, sizes, build } = this.#platform;
    this.#narrator.chapter('b  First images, and the services created on their digests');
    const { value, seconds } = await this.#narrator.timed(async () => {
      const version = versions.first;
      const create = async (name: string, image: string) => {
        await fleet.create(name, { version, image });
        const size = ((sizes.get(name) ?? 0) / 1e6).toFixed(1);
        this.#narrator.tell(`${name.padEnd(14)} runs; its image is ${size} MB above the base`);
      };
      const [ten, all, ...ofBad] = await untilAllEnded([
        build(files, version, undefined, create),
        build(files, version, ['all']),
        ...bad.map((one, index) => build(one.apply(files), `bad-${index + 1}`, ['order'])),
      ] as const);
      return { ten, all, bad: ofBad };
    });
    await this.#row({ step: 'first images', expected: 'running', verdict: 'running', seconds }, 'gateway');
    return value;
  }

  /** (c) All ten travel: wave by wave, migrated, deployed, followed, asked. */
  async shipAll(release: Release): Promise<Shipment> {
    this.#narrator.chapter('c  berth ship: all ten, each after those it needs');
    for (const [index, wave] of wavesOf(this.services).entries())
      this.#narrator.tell(`wave ${index + 1}: ${wave.map(({ name }) => name).join(', ')}`);
    const { value: shipped, seconds } = await this.#ship(release);
    const succeeded = shipped.verdicts.filter(({ verdict }) => verdict === 'succeeded').length;
    const verdict = shipped.exitCode === 0 ? `${succeeded} succeeded` : `exit ${shipped.exitCode}`;
    const expected = `${this.services.length} succeeded`;
    await this.#row({ step: 'ten services shipped', expected, verdict, seconds }, 'gateway');
    return shipped;
  }

  /** (d) One delivery, from a new customer to the word that it has arrived. */
  async journey(): Promise<Journey> {
    this.#narrator.chapter('d  A delivery: register, log in, order, dispatch, pick up, deliver, notified');
    const journey = await goldenJourney(this.gate);
    this.#tellJourney(journey, 'the gateway');
    const { heard, durationMs } = journey;
    const row = { step: 'a delivery', expected: 'delivered', verdict: heard.at(-1) ?? 'nothing heard' };
    await this.#row({ ...row, seconds: durationMs / 1_000 }, 'gateway');
    return journey;
  }

  /** (e) A bad order is caught and carried back, while deliveries go on. */
  async badOrder(bad: Change, index: number, images: Images, counts: JourneyCounts): Promise<BadOrder> {
    this.#narrator.chapter(`e${index + 1} A bad order, it ${bad.name}: “${bad.commit}”`);
    const before = { ...counts };
    const release = images.bad[index];
    if (!release) throw new Error(`There is no image of an order that ${bad.name}.`);
    const { value: shipped, seconds } = await this.#ship(release);
    const version = await this.#versionOfOrder();
    const made = counts.made - before.made;
    this.#narrator.tell(
      `deliveries meanwhile: ${made}, ${counts.requests - before.requests} requests, ${counts.failed - before.failed} failed`,
    );
    const verdict = version === versions.second ? verdictOf(shipped) : `order is of version ${version}`;
    const row = { step: `a bad order: ${bad.name}`, expected: 'carried back', verdict };
    await this.#row({ ...row, seconds }, 'order');
    return { name: bad.name, shipped, made, version };
  }

  /** (f) The layout of a small installation: one process, one service, behind HTTPS. */
  async oneProcess(files: Files, release: Release): Promise<OneProcess> {
    this.#narrator.chapter('f  The same services as one process, for a small installation');
    const { value, seconds } = await this.#narrator.timed(() =>
      shipOneProcess(this.#platform, { files, release }, this.#tellLine),
    );
    const { shipped, journey } = value;
    this.#tellJourney(journey, 'the load balancer, by HTTPS,');
    const verdict = shipped.exitCode === 0 ? 'succeeded' : `exit ${shipped.exitCode}`;
    await this.#row({ step: 'one process', expected: 'succeeded', verdict, seconds }, 'all');
    return value;
  }

  #tellJourney({ heard, told, requests, durationMs }: Journey, way: string): void {
    this.#narrator.tell(`the customer's socket heard: ${heard.join(', ')}`);
    this.#narrator.tell(`the customer was told: ${told.toReversed().join(', ')}`);
    this.#narrator.tell(`${requests} requests through ${way} in ${(durationMs / 1_000).toFixed(1)} s`);
  }

  #tellLine = (line: string): void => this.#narrator.tell(`│ ${line}`);

  #ship(release: Release): Promise<{ value: Shipment; seconds: number }> {
    return this.#narrator.timed(() => this.#platform.fleet.ship(release, this.#tellLine));
  }

  /** Asked of the load balancer, as its callers do. */
  async #versionOfOrder(): Promise<unknown> {
    const answer = await fetch(`${this.#platform.fleet.url('order')}/version`);
    return ((await answer.json()) as { version?: unknown }).version;
  }

  async #row(row: Omit<Row, 'served'>, service: string): Promise<void> {
    const { clients, cluster } = this.#platform.ground;
    const served = await describeServing(clients, cluster, service);
    this.rows.push({ ...row, served });
    this.#narrator.tell(`${row.verdict === row.expected ? '✓' : '✗'} ${row.verdict}; ${served} serves`);
  }
}

/** By ECS's breaker, or by the pack after the smoke test: both end where it began. */
function verdictOf({ exitCode, verdicts, rollback }: Shipment): string {
  if (exitCode === 0) return 'not caught';
  const isBackByEcs = verdicts.some(({ verdict }) => verdict === 'rolled-back');
  const isBackByPack = rollback.length > 0 && rollback.every(({ verdict }) => verdict === 'succeeded');
  return isBackByEcs || isBackByPack ? 'carried back' : 'caught, not carried back';
}
