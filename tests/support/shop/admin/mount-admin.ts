/** Shopify's server side of an app: token exchange, the Admin GraphQL API, and the files of bulk operations. */
import express, { type Express, type Request } from "express"
import type { ShopState } from "../state.ts"
import { answerAdmin } from "./answer-admin.ts"
import { BULK_FILES } from "./bulk/bulk-fields.ts"
import { type BulkKnobs, makeBulkOperations } from "./bulk/bulk-operations.ts"
import { type CostKnobs, makeCostBucket } from "./cost-bucket.ts"
import { answerTokenRequest } from "./oauth.ts"

export type AdminKnobs = {
  cost?: Partial<CostKnobs>
  bulk?: Partial<BulkKnobs>
}

export type MountedAdmin = {
  /** May be turned while it runs. */
  cost: CostKnobs
  bulk: BulkKnobs
  /** What the next requests to the GraphQL API are answered with instead, one each. */
  failures: number[]
  /** How often each operation was asked for, by its name. */
  asked: Map<string, number>
  /** When every bulk operation that runs has ended. */
  bulkSettled: () => Promise<void>
}

const LARGEST_REQUEST = "2mb"

export function mountAdmin(server: Express, state: ShopState, knobs: AdminKnobs = {}): MountedAdmin {
  const bucket = makeCostBucket(state.now, knobs.cost)
  const bulkOperations = makeBulkOperations(state, knobs.bulk)
  const failures: number[] = []
  const asked = new Map<string, number>()
  const json = express.json({ limit: LARGEST_REQUEST })
  const form = express.urlencoded({ extended: false, limit: "10kb" })

  server.post("/admin/oauth/access_token", json, form, (request, response) => {
    const { status, body } = isOtherShop(request, state)
      ? { status: 404, body: { errors: "Not Found" } }
      : answerTokenRequest(state, request.body)
    response.status(status).json(body)
  })

  server.post("/admin/api/:version/graphql.json", json, (request, response) => {
    if (isOtherShop(request, state)) return void response.status(404).json({ errors: "Not Found" })
    const failure = failures.shift()
    if (failure !== undefined) return void response.status(failure).json({ errors: "Simulated failure" })
    const name = /\b(?:query|mutation)\s+(\w+)/.exec(String(request.body?.query))?.[1] ?? "(without a name)"
    asked.set(name, (asked.get(name) ?? 0) + 1)
    const { status, version, body } = answerAdmin(
      { state, bucket, bulkOperations },
      {
        version: String(request.params.version),
        token: request.header("x-shopify-access-token"),
        body: request.body,
        origin: `${request.protocol}://${request.header("host")}`,
      },
    )
    response.status(status).set("X-Shopify-API-Version", version).json(body)
  })

  server.get(`${BULK_FILES}/:name`, (request, response) => {
    const content = bulkOperations.file(String(request.params.name))
    // The storage says this of an address that is no longer good.
    if (!content)
      return void response
        .status(403)
        .type("application/xml")
        .send("<Error><Code>AccessDenied</Code></Error>")
    response.set({ "Content-Type": "application/jsonl", "Accept-Ranges": "bytes" })
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.header("range") ?? "")
    if (!range) return void response.set("Content-Length", String(content.length)).end(content)
    const from = Number(range[1])
    const to = Math.min(content.length - 1, range[2] ? Number(range[2]) : content.length - 1)
    if (from > to) return void response.status(416).set("Content-Range", `bytes */${content.length}`).end()
    response.status(206).set("Content-Range", `bytes ${from}-${to}/${content.length}`)
    response.set("Content-Length", String(to - from + 1)).end(content.subarray(from, to + 1))
  })

  return {
    cost: bucket.knobs,
    bulk: bulkOperations.knobs,
    failures,
    asked,
    bulkSettled: bulkOperations.settled,
  }
}

/** The app names the shop that it means; this machine has one. */
function isOtherShop(request: Request, state: ShopState): boolean {
  const meant = request.header("x-simulated-shop")
  return meant !== undefined && meant !== state.store.shop.domain
}
