import { randomBytes } from "node:crypto"
import type { BasketLine, Cart, Checkout } from "./resources.ts"
import { required, type Store, type When } from "./store.ts"

export type Wanted = { variantId: string; quantity: number }

export function makeBaskets(store: Store) {
  /** A line for each variant that the shop still has. */
  function basketLines(wanted: readonly Wanted[]): BasketLine[] {
    return wanted.flatMap(({ variantId, quantity }) => {
      const found = store.variants.get(variantId)
      if (!found || quantity <= 0) return []
      const { product, variant } = found
      return [
        {
          id: `${variantId}:${product.id}`,
          productId: product.id,
          variantId,
          title: product.title,
          quantity,
          priceCents: variant.priceCents,
        },
      ]
    })
  }

  /** Replaces what is in the cart; without a token it makes a new one. */
  function putCart(
    given: { token?: string; lines: readonly Wanted[] },
    { atMs = store.now() }: When = {},
  ): Cart {
    const token = given.token ?? newToken()
    const known = store.carts.get(token)
    const cart: Cart = known ?? { token, lines: [], createdAtMs: atMs, updatedAtMs: atMs }
    cart.lines = basketLines(given.lines)
    cart.updatedAtMs = atMs
    store.carts.set(token, cart)
    store.tell({ topic: known ? "carts/update" : "carts/create", cart }, atMs)
    return cart
  }

  function startCheckout(
    given: Partial<Omit<Checkout, "lines" | "completedAtMs">> & { lines?: readonly Wanted[] },
    { atMs = store.now() }: When = {},
  ): Checkout {
    const lines = given.lines ?? store.carts.get(given.cartToken ?? "")?.lines ?? []
    const checkout: Checkout = {
      cartToken: null,
      customerId: null,
      email: null,
      phone: null,
      shippingAddress: null,
      shippingTitle: null,
      currency: store.shop.currency,
      ...given,
      id: given.id ?? store.nextId(),
      token: given.token ?? newToken(),
      lines: basketLines(lines),
      createdAtMs: atMs,
      updatedAtMs: atMs,
      completedAtMs: null,
    }
    store.checkouts.set(checkout.token, checkout)
    store.tell({ topic: "checkouts/create", checkout }, atMs)
    return checkout
  }

  function updateCheckout(
    token: string,
    change: Partial<
      Pick<Checkout, "customerId" | "email" | "phone" | "shippingAddress" | "shippingTitle" | "completedAtMs">
    >,
    { atMs = store.now() }: When = {},
  ): Checkout {
    const checkout = required(store.checkouts, "checkout", token)
    Object.assign(checkout, change, { updatedAtMs: atMs })
    store.tell({ topic: "checkouts/update", checkout }, atMs)
    return checkout
  }

  /** Shopify drops what was left alone for long. */
  function dropCheckout(token: string, { atMs = store.now() }: When = {}): void {
    const checkout = required(store.checkouts, "checkout", token)
    store.checkouts.delete(token)
    store.tell({ topic: "checkouts/delete", checkout }, atMs)
  }

  return { putCart, startCheckout, updateCheckout, dropCheckout }
}

const newToken = () => randomBytes(16).toString("hex")
