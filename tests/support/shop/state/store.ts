import type { ShopChange } from "./change.ts"
import type { Installation } from "./installation.ts"
import type {
  Cart,
  Checkout,
  Collection,
  Customer,
  InventoryLevel,
  Location,
  Metafield,
  Order,
  Product,
  Shop,
  Variant,
} from "./resources.ts"

/** Everything that the shop knows, with its clock. Only the functions of this folder change it. */
export type Store = {
  now: () => number
  nextId: () => string
  /** Counts changes, so that a sorted list that was kept is known to be old. */
  revision: number
  shop: Shop
  locations: Map<string, Location>
  products: Map<string, Product>
  /** Variant → its product; so for inventory items. */
  variants: Map<string, { product: Product; variant: Variant }>
  inventoryItems: Map<string, { product: Product; variant: Variant }>
  /** `ITEM:LOCATION` → level. */
  levels: Map<string, InventoryLevel>
  collections: Map<string, Collection>
  customers: Map<string, Customer>
  carts: Map<string, Cart>
  checkouts: Map<string, Checkout>
  orders: Map<string, Order>
  ordersByCustomer: Map<string, Order[]>
  /** `OWNER GID|NAMESPACE|KEY` → metafield. */
  metafields: Map<string, Metafield>
  installation: Installation
  tell: (change: Untimed<ShopChange>, atMs: number) => void
}

/** A union without the field that all its members share. */
export type Untimed<Change> = Change extends unknown ? Omit<Change, "atMs"> : never

/** When a change happens: now by the shop's clock, or earlier where a history is made up. */
export type When = { atMs?: number }

/** @throws Error where there is none: a mistake of the caller's */
export function required<T>(map: ReadonlyMap<string, T>, kind: string, id: string): T {
  const found = map.get(id)
  if (found === undefined) throw new Error(`The simulated shop has no ${kind} ${id}.`)
  return found
}
