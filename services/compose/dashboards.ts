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
  dispatch: [
    { title: 'Orders that wait', unit: 'short', queries: ['max(dispatch_queue_depth)'] },
    {
      title: 'Time to match a window, p95',
      unit: 's',
      queries: ['histogram_quantile(0.95, sum by (le) (rate(dispatch_match_seconds_bucket[5m])))'],
    },
    {
      title: 'Orders that went on waiting',
      unit: 'ops',
      queries: ['sum by (reason) (rate(dispatch_unassigned_total[5m]))'],
    },
  ],
  notification: [
    {
      title: 'Notifications',
      unit: 'ops',
      queries: ['sum by (channel, result) (rate(notifications_total[1m]))'],
    },
    { title: 'Given up', unit: 'short', queries: ['max(notification_dlq_depth)'] },
  ],
  tracking: [
    {
      title: 'Positions',
      unit: 'ops',
      queries: ['sum by (result) (rate(driver_locations_total{service="tracking"}[1m]))'],
    },
    { title: 'Drivers connected', unit: 'short', queries: ['sum(ws_clients{service="tracking"})'] },
  ],
  gateway: [
    { title: 'Watchers', unit: 'short', queries: ['sum by (hub) (ws_clients{service="gateway"})'] },
    {
      title: 'Watchers cut off',
      unit: 'ops',
      queries: ['sum(rate(ws_dropped_total{service="gateway"}[5m]))'],
    },
    { title: 'Services not asked', unit: 'short', queries: ['max by (upstream) (upstream_broken)'] },
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

/** What people who run the business ask, across services; by the name of the file. */
export const topics: Readonly<Record<string, { title: string; panels: readonly Panel[] }>> = {
  orders: {
    title: 'Orders throughput',
    panels: [
      {
        title: 'Orders a second, by step',
        unit: 'ops',
        queries: ['sum by (status) (rate(orders_total[5m]))'],
      },
      {
        title: 'Delivered in the last hour',
        unit: 'short',
        queries: ['sum by (kind) (increase(orders_total{status="delivered"}[1h]))'],
      },
      {
        title: 'Share cancelled in the last hour',
        unit: 'percentunit',
        queries: [
          'sum(increase(orders_total{status="cancelled"}[1h])) / sum(increase(orders_total{status="created"}[1h]))',
        ],
      },
      {
        title: 'From placed to assigned, p50 and p95',
        unit: 's',
        queries: [0.5, 0.95].map(
          (share) => `histogram_quantile(${share}, sum by (le) (rate(order_assign_seconds_bucket[5m])))`,
        ),
      },
      { title: 'Waiting for a driver', unit: 'short', queries: ['max(dispatch_queue_depth)'] },
    ],
  },
  drivers: {
    title: 'Driver availability',
    panels: [
      { title: 'Drivers available', unit: 'short', queries: ['max(drivers_available)'] },
      {
        title: 'Drivers available for each order that waits',
        unit: 'short',
        queries: ['max(drivers_available) / clamp_min(max(dispatch_queue_depth), 1)'],
      },
      { title: 'Drivers connected', unit: 'short', queries: ['sum(ws_clients{service="tracking"})'] },
      {
        title: 'Positions, by what became of them',
        unit: 'ops',
        queries: ['sum by (result) (rate(driver_locations_total[1m]))'],
      },
    ],
  },
  notifications: {
    title: 'Notification failures',
    panels: [
      {
        title: 'Tries that failed, by channel',
        unit: 'ops',
        queries: ['sum by (channel, result) (rate(notifications_total{result!="sent"}[5m]))'],
      },
      {
        title: 'Share of tries that failed',
        unit: 'percentunit',
        queries: [
          'sum by (channel) (rate(notifications_total{result!="sent"}[5m])) / sum by (channel) (rate(notifications_total[5m]))',
        ],
      },
      {
        title: 'Given up, in the dead-letter queue',
        unit: 'short',
        queries: ['max(notification_dlq_depth)'],
      },
      {
        title: 'Events not heard yet',
        unit: 'short',
        queries: ['sum by (consumer) (bus_lag{service="notification"})'],
      },
    ],
  },
};

const [width, height] = [12, 8];

/** Renders the Grafana dashboard of one service, as its file in `grafana/dashboards` holds it. */
export function renderServiceDashboard(service: { name: string; schema?: string }): string {
  const { name, schema } = service;
  const panels = [
    ...commonPanels(name),
    ...(ownPanels[name] ?? []),
    ...(schema === undefined ? [] : exchangePanels(name)),
  ];
  return renderDashboard({ uid: `service-${name}`, title: name, tag: 'services', panels });
}

/** Renders the Grafana dashboard of one of the topics. */
export function renderTopicDashboard(name: string): string {
  const topic = topics[name];
  if (topic === undefined) throw new Error(`There is no topic ${name}.`);
  return renderDashboard({ ...topic, uid: `topic-${name}`, tag: 'business' });
}

function renderDashboard(board: {
  uid: string;
  title: string;
  tag: string;
  panels: readonly Panel[];
}): string {
  const { uid, title: name, tag, panels } = board;
  const dashboard = {
    uid,
    title: name,
    tags: [tag],
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
