import type { BasketLine, Cart, Checkout } from "../../state/resources.ts"
import { amount, at, atOrNull, numberOrNull, type PayloadSource, personal } from "./rest-format.ts"

/** carts/create, carts/update. A cart's id is its token. */
export function cartPayload(source: PayloadSource, cart: Cart): object {
  return {
    id: cart.token,
    token: cart.token,
    line_items: cart.lines.map((line) => ({
      ...linePayload(line),
      id: Number(line.variantId),
      properties: null,
      original_price: amount(line.priceCents),
      discounted_price: amount(line.priceCents),
      line_price: amount(line.priceCents * line.quantity),
    })),
    note: null,
    updated_at: at(source, cart.updatedAtMs),
    created_at: at(source, cart.createdAtMs),
  }
}

/** checkouts/create, checkouts/update */
export function checkoutPayload(source: PayloadSource, checkout: Checkout): object {
  const subtotal = checkout.lines.reduce((sum, line) => sum + line.priceCents * line.quantity, 0)
  const address = checkout.shippingAddress
  return {
    id: Number(checkout.id),
    token: checkout.token,
    cart_token: checkout.cartToken,
    email: personal(source, "email", checkout.email),
    phone: personal(source, "phone", checkout.phone),
    gateway: null,
    buyer_accepts_marketing: false,
    created_at: at(source, checkout.createdAtMs),
    updated_at: at(source, checkout.updatedAtMs),
    completed_at: atOrNull(source, checkout.completedAtMs),
    currency: checkout.currency,
    presentment_currency: checkout.currency,
    customer_locale: "en",
    line_items: checkout.lines.map((line) => ({
      ...linePayload(line),
      key: line.id,
      line_price: amount(line.priceCents * line.quantity),
    })),
    name: `#${checkout.id}`,
    note: "",
    source_name: "web",
    subtotal_price: amount(subtotal),
    total_price: amount(subtotal),
    total_discounts: "0.00",
    total_tax: "0.00",
    shipping_lines:
      checkout.shippingTitle === null
        ? []
        : [{ code: checkout.shippingTitle, title: checkout.shippingTitle }],
    shipping_address: address
      ? {
          first_name: personal(source, "name", address.firstName),
          last_name: personal(source, "name", address.lastName),
          country_code: address.country,
          zip: personal(source, "address", address.zip),
        }
      : null,
    customer: checkout.customerId === null ? null : { id: numberOrNull(checkout.customerId) },
  }
}

const linePayload = (line: BasketLine) => ({
  product_id: Number(line.productId),
  variant_id: Number(line.variantId),
  title: line.title,
  quantity: line.quantity,
  price: amount(line.priceCents),
  gift_card: false,
})
