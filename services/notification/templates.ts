/** The languages that templates are written in; the first stands in for any other. */
export const locales = ['en', 'de'] as const;
export type Locale = (typeof locales)[number];

/** A text in every language. `{{name}}` is filled from a notification's data. */
interface Wording {
  readonly subject: string;
  readonly text: string;
}

/** Every template; the fields it needs are those that its English wording names, and the others name the same. */
export const templates = {
  welcome: {
    en: { subject: 'Welcome, {{name}}', text: 'Hello {{name}}, your account is ready.' },
    de: { subject: 'Willkommen, {{name}}', text: 'Hallo {{name}}, Ihr Konto ist bereit.' },
  },
  order_created: {
    en: {
      subject: 'We have your order',
      text: 'Your order {{orderId}} is placed. We are looking for a driver.',
    },
    de: {
      subject: 'Ihre Bestellung ist da',
      text: 'Ihre Bestellung {{orderId}} ist aufgegeben. Wir suchen eine Fahrerin oder einen Fahrer.',
    },
  },
  order_assigned: {
    en: { subject: 'A driver has your order', text: 'A driver has taken your order {{orderId}}.' },
    de: { subject: 'Ihre Bestellung ist vergeben', text: 'Ihre Bestellung {{orderId}} wird bald abgeholt.' },
  },
  order_out_for_delivery: {
    en: { subject: 'Your order is on its way', text: 'Your order {{orderId}} is out for delivery.' },
    de: {
      subject: 'Ihre Bestellung ist unterwegs',
      text: 'Ihre Bestellung {{orderId}} ist unterwegs zu Ihnen.',
    },
  },
  order_delivered: {
    en: { subject: 'Your order has arrived', text: 'Your order {{orderId}} is delivered.' },
    de: { subject: 'Ihre Bestellung ist angekommen', text: 'Ihre Bestellung {{orderId}} ist zugestellt.' },
  },
  order_cancelled: {
    en: { subject: 'Your order is cancelled', text: 'Your order {{orderId}} is cancelled.' },
    de: { subject: 'Ihre Bestellung ist storniert', text: 'Ihre Bestellung {{orderId}} ist storniert.' },
  },
  driver_offer: {
    en: {
      subject: 'A new order for you',
      text: 'Order {{orderId}}, {{distanceMeters}} m away. Accept it before {{expiresAt}}.',
    },
    de: {
      subject: 'Ein neuer Auftrag für Sie',
      text: 'Auftrag {{orderId}}, {{distanceMeters}} m entfernt. Nehmen Sie ihn vor {{expiresAt}} an.',
    },
  },
  driver_assigned: {
    en: { subject: 'An order is yours', text: 'Order {{orderId}} is assigned to you.' },
    de: { subject: 'Ein Auftrag ist Ihrer', text: 'Auftrag {{orderId}} ist Ihnen zugeteilt.' },
  },
  driver_released: {
    en: { subject: 'An order is cancelled', text: 'Order {{orderId}} is cancelled; you need not go.' },
    de: {
      subject: 'Ein Auftrag ist storniert',
      text: 'Auftrag {{orderId}} ist storniert; fahren Sie nicht hin.',
    },
  },
  alert_order_cancelled: {
    en: { subject: 'Order cancelled', text: 'Order {{orderId}} was cancelled while it was {{from}}.' },
    de: { subject: 'Auftrag storniert', text: 'Auftrag {{orderId}} wurde storniert, als er {{from}} war.' },
  },
} as const satisfies Record<string, Record<Locale, Wording>>;

export type TemplateName = keyof typeof templates;
export const templateNames = Object.keys(templates) as TemplateName[];

export function isTemplate(name: string): name is TemplateName {
  return Object.hasOwn(templates, name);
}
