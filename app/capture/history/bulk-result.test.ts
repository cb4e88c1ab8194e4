import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ResultGroup, readResult } from "./bulk-result.server.ts"

let served = { bytes: Buffer.alloc(0), ranges: true }
let server: Server
let url = ""
beforeAll(async () => {
  // As Shopify's storage does, or as a server that knows no ranges.
  server = createServer((request, response) => {
    const { bytes, ranges } = served
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0)
    if (!ranges || request.headers.range === undefined) return void response.writeHead(200).end(bytes)
    if (from >= bytes.length) return void response.writeHead(416).end()
    response.writeHead(206).end(bytes.subarray(from))
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  process.env.SIMULATED_SHOP_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  url = `${process.env.SIMULATED_SHOP_URL}/result.jsonl`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const serve = (content: string, ranges = true) => {
  served = { bytes: Buffer.from(content), ranges }
}

const parent = (n: number) => `{"id":"gid:\\/\\/shopify\\/Order\\/${n}"}`
const child = (n: number, of: number) =>
  `{"id":"gid:\\/\\/shopify\\/LineItem\\/${n}","__parentId":"gid:\\/\\/shopify\\/Order\\/${of}"}`
const LINES = [parent(1), child(11, 1), child(12, 1), parent(2), parent(3), child(31, 3)].join("\n")

async function groupsOf(position = 0, from = url): Promise<ResultGroup[]> {
  const groups: ResultGroup[] = []
  for await (const group of readResult(from, position)) groups.push(group)
  return groups
}

test("children stand with their parent, and the end of each group is known to the byte", async () => {
  serve(`${LINES}\n`)
  const groups = await groupsOf()
  expect(groups.map(({ children }) => children.length)).toEqual([2, 0, 1])
  expect(groups.at(-1)?.endsAt).toBe(Buffer.byteLength(`${LINES}\n`))
})

test.each([true, false])("a reader goes on where it stopped (ranges: %s)", async (ranges) => {
  serve(`${LINES}\n`, ranges)
  const all = await groupsOf()
  expect(all).toHaveLength(3)
  for (const [place, { endsAt }] of all.entries())
    expect(await groupsOf(endsAt)).toEqual(all.slice(place + 1))
})

test("an address that is neither https nor the simulated shop's is not asked", async () => {
  await expect(groupsOf(0, "http://127.0.0.1:1/result.jsonl")).rejects.toThrow("https")
})
