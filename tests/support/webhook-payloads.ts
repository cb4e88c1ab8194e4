/**
 * Bodies of Shopify's webhooks, with the fields that the app reads and the company that they come in. Factories with
 * overrides; ids and times are Shopify's forms.
 */

type Overrides = Record<string, unknown>

/** As Shopify writes times: the shop's offset, whole seconds. */
export function shopTime(ms: number): string {
  return `${new Date(ms + 2 * 3_600_000).toISOString().slice(0, 19)}+02:00`
}

const gid = (type: string, id: unknown) => `gid://shopify/${type}/${String(id)}`
const money = (amount: string, currency = "EUR") => ({
  shop_money: { amount, currency_code: currency },
  presentment_money: { amount, currency_code: currency },
})

export function variantPayload(id: number, overrides: Overrides = {}) {
  return {
    id,
    product_id: 788032119674292900,
    title: "Blue",
    price: "19.90",
    sku: `SKU-${id}`,
    position: 1,
    inventory_policy: "deny",
    compare_at_price: null,
    inventory_management: "shopify",
    inventory_item_id: id + 1_000_000,
    inventory_quantity: 7,
    requires_shipping: true,
    admin_graphql_api_id: gid("ProductVariant", id),
    ...overrides,
  }
}

export function productPayload(id: number, atMs: number, overrides: Overrides = {}) {
  return {
    id,
    title: "Stoneware mug",
    body_html: "<p>Thrown by hand &amp; glazed <strong>twice</strong>.</p><script>alert(1)</script>",
    vendor: "Ton & Co",
    product_type: "Mugs",
    created_at: shopTime(atMs),
    handle: "stoneware-mug",
    updated_at: shopTime(atMs),
    published_at: shopTime(atMs),
    template_suffix: null,
    published_scope: "web",
    tags: "blue, kitchen",
    status: "active",
    admin_graphql_api_id: gid("Product", id),
    variants: [variantPayload(id * 10 + 1)],
    options: [{ id: 1, name: "Colour", values: ["Blue"] }],
    images: [{ id: 1, src: "https://cdn.shopify.com/s/files/1/mug.jpg", position: 1 }],
    image: { id: 1, src: "https://cdn.shopify.com/s/files/1/mug.jpg", position: 1 },
    ...overrides,
  }
}

export function customerPayload(id: number, atMs: number, overrides: Overrides = {}) {
  return {
    id,
    email: "Ada@Example.com",
    created_at: shopTime(atMs),
    updated_at: shopTime(atMs),
    first_name: "Ada",
    last_name: "Lovelace",
    state: "enabled",
    note: null,
    verified_email: true,
    phone: "+4930123456",
    tags: "",
    currency: "EUR",
    admin_graphql_api_id: gid("Customer", id),
    default_address: { id: 9, customer_id: id, country: "Germany", country_code: "DE", city: "Berlin" },
    ...overrides,
  }
}

/** As until API 2025-01: consent inside the customer. */
export function customerPayloadWithConsent(id: number, atMs: number, overrides: Overrides = {}) {
  return customerPayload(id, atMs, {
    email_marketing_consent: {
      state: "subscribed",
      opt_in_level: "single_opt_in",
      consent_updated_at: shopTime(atMs),
    },
    sms_marketing_consent: {
      state: "not_subscribed",
      opt_in_level: "single_opt_in",
      consent_updated_at: null,
      consent_collected_from: "OTHER",
    },
    ...overrides,
  })
}

export function emailConsentPayload(customerId: number, state: string, atMs: number) {
  return {
    customer_id: customerId,
    email_address: "ada@example.com",
    email_marketing_consent: { state, opt_in_level: "single_opt_in", consent_updated_at: shopTime(atMs) },
  }
}

export function smsConsentPayload(customerId: number, state: string, atMs: number) {
  return {
    id: customerId,
    phone: "+4930123456",
    sms_marketing_consent: {
      state,
      opt_in_level: "single_opt_in",
      consent_updated_at: shopTime(atMs),
      consent_collected_from: "other",
    },
    admin_graphql_api_id: gid("Customer", customerId),
  }
}

export function cartPayload(token: string, atMs: number, overrides: Overrides = {}) {
  return {
    id: token,
    token,
    line_items: [
      {
        id: 5001,
        properties: null,
        quantity: 2,
        variant_id: 5001,
        key: "5001:abc",
        discounted_price: "19.90",
        gift_card: false,
        price: "19.90",
        product_id: 500,
        sku: "SKU-5001",
        title: "Stoneware mug",
      },
    ],
    note: null,
    updated_at: new Date(atMs).toISOString(),
    created_at: new Date(atMs).toISOString(),
    ...overrides,
  }
}

export function checkoutPayload(token: string, atMs: number, overrides: Overrides = {}) {
  return {
    id: 981820079255243500,
    token,
    cart_token: "cart-1",
    email: "ada@example.com",
    gateway: null,
    buyer_accepts_marketing: false,
    created_at: shopTime(atMs),
    updated_at: shopTime(atMs),
    completed_at: null,
    phone: null,
    currency: "EUR",
    line_items: [
      { key: "1", product_id: 500, variant_id: 5001, quantity: 1, price: "19.90", title: "Stoneware mug" },
    ],
    shipping_lines: [],
    shipping_address: null,
    customer: null,
    ...overrides,
  }
}

export function orderLinePayload(id: number, overrides: Overrides = {}) {
  return {
    id,
    admin_graphql_api_id: gid("LineItem", id),
    current_quantity: 2,
    fulfillable_quantity: 2,
    fulfillment_status: null,
    gift_card: false,
    name: "Stoneware mug",
    price: "19.90",
    price_set: money("19.90"),
    product_exists: true,
    product_id: 500,
    quantity: 2,
    sku: "SKU-5001",
    title: "Stoneware mug",
    total_discount: "0.00",
    variant_id: 5001,
    discount_allocations: [],
    ...overrides,
  }
}

export function refundPayload(id: number, orderId: number, atMs: number, overrides: Overrides = {}) {
  return {
    id,
    order_id: orderId,
    created_at: shopTime(atMs),
    note: null,
    processed_at: shopTime(atMs),
    restock: true,
    admin_graphql_api_id: gid("Refund", id),
    refund_line_items: [{ id: 1, line_item_id: 71, quantity: 1, restock_type: "return", subtotal: 19.9 }],
    transactions: [
      { id: 1, order_id: orderId, kind: "refund", status: "success", amount: "19.90", currency: "EUR" },
    ],
    order_adjustments: [],
    ...overrides,
  }
}

export function fulfilmentPayload(id: number, orderId: number, atMs: number, overrides: Overrides = {}) {
  return {
    id,
    order_id: orderId,
    status: "success",
    created_at: shopTime(atMs),
    updated_at: shopTime(atMs),
    service: "manual",
    shipment_status: null,
    tracking_company: "DHL",
    tracking_number: "1Z",
    admin_graphql_api_id: gid("Fulfillment", id),
    ...overrides,
  }
}

export function orderPayload(id: number, atMs: number, overrides: Overrides = {}) {
  return {
    id,
    admin_graphql_api_id: gid("Order", id),
    browser_ip: "203.0.113.9",
    cancel_reason: null,
    cancelled_at: null,
    cart_token: "cart-1",
    checkout_token: "checkout-1",
    contact_email: "ada@example.com",
    created_at: shopTime(atMs),
    currency: "EUR",
    current_total_price: "39.80",
    email: "ada@example.com",
    financial_status: "paid",
    fulfillment_status: null,
    name: "#1001",
    order_number: 1001,
    phone: null,
    processed_at: shopTime(atMs),
    source_name: "web",
    test: false,
    total_discounts: "0.00",
    total_price: "39.80",
    total_price_set: money("39.80"),
    updated_at: shopTime(atMs),
    billing_address: { first_name: "Ada", country_code: "DE" },
    customer: {
      id: 77,
      email: "ada@example.com",
      first_name: "Ada",
      admin_graphql_api_id: gid("Customer", 77),
    },
    fulfillments: [],
    line_items: [orderLinePayload(71)],
    refunds: [],
    shipping_address: { first_name: "Ada", country_code: "DE" },
    shipping_lines: [{ title: "Post", price: "0.00" }],
    ...overrides,
  }
}
