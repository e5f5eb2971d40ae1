/** What one panel shows: a title, its unit as Grafana names it, and queries of Prometheus. */
interface Panel {
  readonly title: string;
  readonly unit: 'reqps' | 's' | 'short' | 'percentunit' | 'ops';
  readonly queries: readonly string[];
}

/** Metrics that only some services have, by the name of the service. */
const ownPanels: Readonly<Record<string, readonly Panel[]>> = {
  identity: [
    { title: 'Logins', unit: 'ops', queries: ['sum by (result) (rate(auth_logins_total[1m]))'] },
    { title: 'Age of the signing key', unit: 's', queries: ['max(jwt_key_age_seconds)'] },
  ],
  order: [
    { title: 'Steps of orders', unit: 'ops', queries: ['sum by (status, kind) (rate(orders_total[1m]))'] },
    {
      title: 'From placed to assigned, p95',
      unit: 's',
      queries: ['histogram_quantile(0.95, sum by (le) (rate(order_assign_seconds_bucket[5m])))'],
    },
  ],
  driver: [
    { title: 'Drivers available', unit: 'short', queries: ['max(drivers_available)'] },
    { title: 'Positions', unit: 'ops', queries: ['sum by (result) (rate(driver_locations_total[1m]))'] },
  ],
  'email-api': [
    { title: 'Mails taken', unit: 'ops', queries: ['sum by (result) (rate(emails_received_total[1m]))'] },
  ],
  'email-consumer': [
    { title: 'Mails stored', unit: 'ops', queries: ['sum by (result) (rate(emails_stored_total[1m]))'] },
  ],
};

function commonPanels(service: string): Panel[] {
  const of = `service="${service}"`;
  return [
    {
      title: 'Requests by status',
      unit: 'reqps',
      queries: [`sum by (status) (rate(http_request_duration_seconds_count{${of}}[1m]))`],
    },
    {
      title: 'Time of an answer, p50 and p95',
      unit: 's',
      queries: [0.5, 0.95].map(
        (share) =>
          `histogram_quantile(${share}, sum by (le) (rate(http_request_duration_seconds_bucket{${of}}[1m])))`,
      ),
    },
    { title: 'Requests in flight', unit: 'short', queries: [`sum(http_requests_in_flight{${of}})`] },
    { title: 'Event loop busy', unit: 'percentunit', queries: [`max(nodejs_eventloop_utilization{${of}})`] },
  ];
}

/** Of a service with a schema, which tells events and hears them. */
function exchangePanels(service: string): Panel[] {
  const of = `service="${service}"`;
  return [
    {
      title: 'Time of a statement, p95',
      unit: 's',
      queries: [
        `histogram_quantile(0.95, sum by (le, query) (rate(db_query_duration_seconds_bucket{${of}}[1m])))`,
      ],
    },
    { title: 'Oldest event not published', unit: 's', queries: [`max(outbox_oldest_seconds{${of}})`] },
    {
      title: 'Events heard',
      unit: 'ops',
      queries: [`sum by (subject, result) (rate(bus_consumed_total{${of}}[1m]))`],
    },
    { title: 'Events that wait', unit: 'short', queries: [`sum by (consumer) (bus_lag{${of}})`] },
  ];
}

const [width, height] = [12, 8];

/** Renders the Grafana dashboard of one service, as its file in `grafana/dashboards` holds it. */
export function renderDashboard(service: { name: string; schema?: string }): string {
  const { name, schema } = service;
  const panels = [
    ...commonPanels(name),
    ...(ownPanels[name] ?? []),
    ...(schema === undefined ? [] : exchangePanels(name)),
  ];
  const dashboard = {
    uid: `service-${name}`,
    title: name,
    tags: ['services'],
    schemaVersion: 41,
    refresh: '10s',
    time: { from: 'now-30m', to: 'now' },
    panels: panels.map(({ title, unit, queries }, index) => ({
      id: index + 1,
      type: 'timeseries',
      title,
      datasource: { type: 'prometheus', uid: 'prometheus' },
      gridPos: { x: (index % 2) * width, y: Math.floor(index / 2) * height, w: width, h: height },
      fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
      targets: queries.map((expr, query) => ({ refId: 'ABC'.charAt(query), expr })),
    })),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
