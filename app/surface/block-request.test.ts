import fc from "fast-check"
import { expect, test } from "vitest"
import { parseBlockRequest } from "./block-request.ts"

const signed = {
  shop: "a.myshopify.com",
  path_prefix: "/apps/throughline",
  timestamp: "1",
  logged_in_customer_id: "",
  signature: "f".repeat(64),
}
const asked = { ...signed, visitor: "0".repeat(32), product: "MUG-001", count: "4" }
const parse = (query: Record<string, string>) => parseBlockRequest(new URLSearchParams(query))

test("a block's request is read", () => {
  expect(parse(asked)).toEqual({ browser: "0".repeat(32), item: "MUG-001", count: 4 })
})

test("a browser without a name is none", () => {
  expect(parse({ ...asked, visitor: "" }).browser).toBeNull()
})

test.each([
  ["a name that no script of ours made", { visitor: "x" }],
  ["no products", { count: "0" }],
  ["more products than a block shows", { count: "13" }],
  ["a count with a sign", { count: "+4" }],
  ["markup as a product", { product: "<script>" }],
  ["a product with a line break", { product: "a\nb" }],
  ["a parameter that we do not know", { debug: "1" }],
])("%s is refused, and the refusal does not repeat it", (_, change) => {
  const query: Record<string, string> = { ...asked, ...change }
  const given = Object.values<string>(change).filter((value) => value.length > 1)
  expect(() => parse(query)).toThrow(
    expect.objectContaining({
      code: "bad_request",
      message: expect.toSatisfy((message: string) => !given.some((value) => message.includes(value))),
    }),
  )
})

test("whatever comes, the answer is a request or a refusal", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), (query) => {
      try {
        parse({ ...asked, ...query })
      } catch (error) {
        expect(error).toMatchObject({ code: "bad_request" })
      }
    }),
  )
})
