/** Resources asked for by id, with all of their children. */
import { z } from "zod"
import { askShop, type ShopAdmin } from "../../shopify-ask.server.ts"
import type { RecordChange } from "../shopify/record.ts"
import { orderChanges, refundChange } from "./order-node.ts"
import { productChange } from "./product-node.ts"
import {
  MORE_LINES,
  MORE_REFUND_LINES,
  MORE_VARIANTS,
  NODES_A_CALL,
  WANTED_ORDERS,
  WANTED_PRODUCTS,
  WANTED_REFUNDS,
} from "./wanted-queries.ts"

/** Kinds that messages may tell in part. */
export const ASKED_KINDS = ["product", "order", "refund"] as const
export type AskedKind = (typeof ASKED_KINDS)[number]

export type Fetched = {
  changes: RecordChange[]
  /** Ids that the shop does not have, or does not show. */
  absent: string[]
}

const GID_TYPES = { product: "Product", order: "Order", refund: "Refund" } as const

const page = z.object({
  nodes: z.array(z.unknown()),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
})
const nodes = z.object({ nodes: z.array(z.record(z.string(), z.unknown()).nullable()) })

/** @yields what came of a few ids at a time. @throws AppError `unavailable` */
export async function* fetchNodes(
  admin: ShopAdmin,
  kind: AskedKind,
  ids: readonly string[],
): AsyncGenerator<Fetched> {
  for (let from = 0; from < ids.length; from += NODES_A_CALL[kind]) {
    const asked = ids.slice(from, from + NODES_A_CALL[kind])
    const seen = { atMs: Date.now() }
    const { data, denied } = await askShop(admin, queryOf(kind), {
      ids: asked.map((id) => `gid://shopify/${GID_TYPES[kind]}/${id}`),
    })
    const fetched: Fetched = { changes: [], absent: [] }
    const found = nodes.parse(data).nodes
    for (const [place, id] of asked.entries()) {
      const node = found[place]
      // An id of another type gives an object without fields.
      if (!node || !("id" in node)) fetched.absent.push(id)
      else fetched.changes.push(...(await changesOf(admin, kind, id, node, !denied, seen)))
    }
    yield fetched
  }
}

function queryOf(kind: AskedKind): string {
  switch (kind) {
    case "product":
      return WANTED_PRODUCTS
    case "order":
      return WANTED_ORDERS
    case "refund":
      return WANTED_REFUNDS
    default:
      return kind satisfies never
  }
}

async function changesOf(
  admin: ShopAdmin,
  kind: AskedKind,
  id: string,
  node: Record<string, unknown>,
  named: boolean,
  seen: { atMs: number },
): Promise<RecordChange[]> {
  switch (kind) {
    case "product":
      return [productChange(node, await allOf(admin, MORE_VARIANTS, "product", id, node, "variants"), seen)]
    case "order":
      return orderChanges(node, await allOf(admin, MORE_LINES, "order", id, node, "lineItems"), named, seen)
    case "refund":
      return [
        refundChange(
          node,
          await allOf(admin, MORE_REFUND_LINES, "refund", id, node, "refundLineItems"),
          seen,
        ),
      ]
    default:
      return kind satisfies never
  }
}

/** The children that came with a node, and those on further pages. */
async function allOf(
  admin: ShopAdmin,
  query: string,
  kind: "product" | "order" | "refund",
  id: string,
  node: Record<string, unknown>,
  field: "variants" | "lineItems" | "refundLineItems",
): Promise<unknown[]> {
  let { nodes: children, pageInfo } = page.parse(node[field])
  while (pageInfo.hasNextPage) {
    const { data } = await askShop(admin, query, {
      id: `gid://shopify/${GID_TYPES[kind]}/${id}`,
      after: pageInfo.endCursor,
    })
    const next = page.safeParse(Object(Object(data)[kind])[field])
    // It went away between two pages.
    if (!next.success) return children
    children = [...children, ...next.data.nodes]
    pageInfo = next.data.pageInfo
  }
  return children
}
