/** A kind of resource at the root of the schema: what can be searched and sorted by. */
import { GraphQLError } from "graphql"
import type { Store } from "../../state/store.ts"
import type { AdminContext, Arguments } from "../admin-context.ts"
import { compareKeys, type Page, pageOf, type SortKey } from "../connection.ts"
import { type Searchable, searchFilter } from "../search-filter.ts"

export type Listing<T extends object> = {
  kind: string
  items: (context: AdminContext) => Iterable<T>
  idOf: (item: T) => string
  searchable: Searchable<T>
  /** Shopify's sort keys that the shop knows. */
  sortKeys: Record<string, (item: T) => number | string>
}

const kept = new WeakMap<Store, Map<string, { revision: number; sorted: readonly object[] }>>()

export function listPage<T extends object>(
  listing: Listing<T>,
  args: Arguments,
  context: AdminContext,
): Page {
  const sortKey = String(args.sortKey ?? "ID")
  const sortValue = listing.sortKeys[sortKey] ?? (sortKey === "ID" ? () => 0 : null)
  if (!sortValue)
    throw new GraphQLError(`The simulated shop cannot sort ${listing.kind} by ${sortKey}.`, {
      extensions: { code: "NOT_SIMULATED" },
    })
  const keyOf = (item: T): SortKey => [sortValue(item), listing.idOf(item)]
  return pageOf(sortedItems(listing, args.query, sortKey, keyOf, context), keyOf, args, context, true)
}

function sortedItems<T extends object>(
  listing: Listing<T>,
  query: unknown,
  sortKey: string,
  keyOf: (item: T) => SortKey,
  context: AdminContext,
): readonly T[] {
  const { store } = context.state
  const holds = searchFilter(query, listing.searchable)
  // What a token may see differs only for orders, so that the list says in its name how far back it goes.
  const name = `${listing.kind} ${sortKey} ${context.token.scopes.includes("read_all_orders")}`
  const lists = kept.get(store) ?? new Map()
  kept.set(store, lists)
  const known = lists.get(name)
  if (!holds && known?.revision === store.revision) return known.sorted
  const items = holds ? [...listing.items(context)].filter(holds) : [...listing.items(context)]
  const keyed = items.map((item) => ({ item, key: keyOf(item) }))
  const sorted = keyed.sort((a, b) => compareKeys(a.key, b.key)).map(({ item }) => item)
  if (!holds) lists.set(name, { revision: store.revision, sorted })
  return sorted
}
