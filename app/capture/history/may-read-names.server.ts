import { z } from "zod"
import type { HistoryKind } from "../../shop/request-history.server.ts"
import { askShop, type ShopAdmin } from "../../shopify-ask.server.ts"
import { PROBE_CUSTOMERS, PROBE_ORDERS } from "./history-queries.ts"

const probed = z.object({
  customers: z.object({ nodes: z.array(z.unknown()) }).nullish(),
  orders: z.object({ nodes: z.array(z.unknown()) }).nullish(),
})

/**
 * Whether Shopify lets the app read names and addresses (protected customer data), which a bulk operation only tells
 * by failing as a whole. `none`: not even customers or orders without them.
 */
export async function mayReadNames(
  admin: ShopAdmin,
  kind: HistoryKind,
): Promise<"all" | "nameless" | "none"> {
  switch (kind) {
    case "history_products":
    case "history_inventory":
    case "history_collections":
      return "all"
    case "history_customers":
      return answerOf(await askShop(admin, PROBE_CUSTOMERS))
    case "history_orders":
    case "history_all_orders":
      return answerOf(await askShop(admin, PROBE_ORDERS))
    default:
      return kind satisfies never
  }
}

function answerOf({ data, denied }: { data: unknown; denied: boolean }): "all" | "nameless" | "none" {
  if (!denied) return "all"
  const seen = probed.safeParse(data)
  return seen.data?.customers || seen.data?.orders ? "nameless" : "none"
}
