import { z } from "zod"
import type { HistoryKind } from "../../shop/request-history.server.ts"
import type { RecordChange } from "../shopify/record.ts"
import { customerChanges } from "./customer-node.ts"
import type { Seen } from "./node-fields.ts"
import { orderChanges } from "./order-node.ts"
import { collectionChange, levelChanges, productChange } from "./product-node.ts"

/**
 * What a node of a bulk result says, with its children. A node that is not what was asked for is set aside: it never
 * stops the import.
 */
export function changesOfGroup(
  kind: HistoryKind,
  node: unknown,
  children: readonly unknown[],
  seen: Seen,
): RecordChange[] | "bad_node" {
  const named = saysNames(node)
  try {
    switch (kind) {
      case "history_products":
        return [productChange(node, children, seen)]
      case "history_inventory":
        return levelChanges(node, children, seen)
      case "history_collections":
        return [collectionChange(node, seen)]
      case "history_customers":
        return customerChanges(node, named, seen)
      case "history_orders":
      case "history_all_orders":
        return orderChanges(node, children, named, seen)
      default:
        return kind satisfies never
    }
  } catch (error) {
    if (error instanceof z.ZodError) return "bad_node"
    throw error
  }
}

/** Whether names were asked for: a node whose person has none says so, one without the fields says nothing of them. */
function saysNames(node: unknown): boolean {
  return typeof node === "object" && node !== null && ("email" in node || "firstName" in node)
}
