import type { HistoryKind } from "../../shop/request-history.server.ts"
import {
  HISTORY_COLLECTIONS,
  HISTORY_CUSTOMERS,
  HISTORY_CUSTOMERS_NAMELESS,
  HISTORY_INVENTORY,
  HISTORY_ORDERS,
  HISTORY_ORDERS_NAMELESS,
  HISTORY_PRODUCTS,
} from "./history-queries.ts"

/** @param named whether Shopify lets the app read names and addresses */
export function historyQuery(kind: HistoryKind, named: boolean): string {
  switch (kind) {
    case "history_products":
      return HISTORY_PRODUCTS
    case "history_inventory":
      return HISTORY_INVENTORY
    case "history_collections":
      return HISTORY_COLLECTIONS
    case "history_customers":
      return named ? HISTORY_CUSTOMERS : HISTORY_CUSTOMERS_NAMELESS
    case "history_orders":
    case "history_all_orders":
      return named ? HISTORY_ORDERS : HISTORY_ORDERS_NAMELESS
    default:
      return kind satisfies never
  }
}
