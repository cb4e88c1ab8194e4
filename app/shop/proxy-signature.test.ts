import { createHmac } from "node:crypto"
import "@shopify/shopify-api/adapters/node"
import { ApiVersion, LogSeverity, shopifyApi } from "@shopify/shopify-api"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { AppError } from "../errors.ts"
import { PROXY_PATH_PREFIX, verifyProxySignature } from "./proxy-signature.ts"

const SECRET = "proxy-test-secret"
const NOW_MS = Date.UTC(2026, 10, 24, 12)

/** As Shopify's documentation gives it, written apart from the code under test. */
function signed(pairs: [string, string][], secret = SECRET): URL {
  const text = [...pairs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("")
  const signature = createHmac("sha256", secret).update(text).digest("hex")
  const url = new URL("https://app.test/proxy/recommendations")
  for (const [name, value] of [...pairs, ["signature", signature] as const])
    url.searchParams.append(name, value)
  return url
}

function pairs(overrides: Record<string, string> = {}): [string, string][] {
  return Object.entries({
    shop: "hearth.myshopify.com",
    path_prefix: PROXY_PATH_PREFIX,
    timestamp: String(NOW_MS / 1000),
    logged_in_customer_id: "",
    product: "4711",
    ...overrides,
  })
}

const verify = (url: URL, nowMs = NOW_MS) => verifyProxySignature(url, [SECRET], nowMs)
const refused = (url: URL, nowMs = NOW_MS) =>
  expect(() => verify(url, nowMs)).toThrow(/Expected a request signed/)

test("a signed request of a visitor names the shop and no customer", () => {
  expect(verify(signed(pairs()))).toEqual({ shopDomain: "hearth.myshopify.com", loggedInCustomerId: null })
})

test("a signed request of a customer names the customer", () => {
  expect(verify(signed(pairs({ logged_in_customer_id: "6543210987654" }))).loggedInCustomerId).toBe(
    "6543210987654",
  )
})

test("Shopify's own library takes the requests that these tests sign", async () => {
  const library = shopifyApi({
    apiKey: "key",
    apiSecretKey: SECRET,
    apiVersion: ApiVersion.July26,
    hostName: "app.test",
    isEmbeddedApp: true,
    logger: { level: LogSeverity.Error },
  })
  const now = Date.now()
  const url = signed(pairs({ timestamp: String(Math.floor(now / 1000)) }))
  const query = Object.fromEntries(url.searchParams)
  expect(await library.utils.validateHmac(query, { signator: "appProxy" })).toBe(true)
  expect(verify(url, now).shopDomain).toBe("hearth.myshopify.com")
})

describe("refused", () => {
  test("another secret, a missing signature, a signature in another form", () => {
    refused(signed(pairs(), "another-secret"))
    const without = signed(pairs())
    without.searchParams.delete("signature")
    refused(without)
    const upper = signed(pairs())
    upper.searchParams.set("signature", (upper.searchParams.get("signature") ?? "").toUpperCase())
    refused(upper)
  })

  test("any changed value", () => {
    for (const [name, value] of pairs()) {
      const url = signed(pairs())
      url.searchParams.set(name, `${value}1`)
      refused(url)
    }
  })

  test("a replay after 90 seconds, and a time that is 90 seconds ahead", () => {
    const url = signed(pairs())
    expect(verify(url, NOW_MS + 90_000).shopDomain).toBe("hearth.myshopify.com")
    refused(url, NOW_MS + 91_000)
    refused(url, NOW_MS - 91_000)
  })

  test("a repeated parameter, although the signature fits what Shopify would have joined", () => {
    const joined = signed(pairs({ product: "1,2" }))
    joined.searchParams.delete("product")
    joined.searchParams.append("product", "1")
    joined.searchParams.append("product", "2")
    refused(joined)
    const twice = signed(pairs())
    twice.searchParams.append("signature", twice.searchParams.get("signature") ?? "")
    refused(twice)
    const customers = signed(pairs())
    customers.searchParams.append("logged_in_customer_id", "7")
    refused(customers)
  })

  test("a missing customer id, and one that is not a number", () => {
    refused(signed(pairs().filter(([name]) => name !== "logged_in_customer_id")))
    refused(signed(pairs({ logged_in_customer_id: "7 or 1" })))
  })

  test("another path prefix, and a shop that is no Shopify domain", () => {
    refused(signed(pairs({ path_prefix: "/apps/throughline2" })))
    refused(signed(pairs({ shop: "hearth.myshopify.com.evil.test" })))
    refused(signed(pairs({ shop: "evil.test/hearth.myshopify.com" })))
  })

  test("a boundary shift: the same signed text cut elsewhere", () => {
    // A visitor's request whose own parameter hides a customer id …
    const hidden = signed(pairs({ a: "1logged_in_customer_id=777" }))
    refused(hidden)
    // … cut so that the id stands by itself, under the same signature.
    const signature = hidden.searchParams.get("signature") ?? ""
    const cut = new URL("https://app.test/proxy/recommendations")
    for (const [name, value] of [
      ["a", "1"],
      ["logged_in_customer_id", "777"],
      ["logged_in_customer_id=path_prefix", PROXY_PATH_PREFIX],
      ["path_prefix", PROXY_PATH_PREFIX],
      ["product", "4711"],
      ["shop", "hearth.myshopify.com"],
      ["timestamp", String(NOW_MS / 1000)],
      ["signature", signature],
    ] as const)
      cut.searchParams.append(name, value)
    refused(cut)
  })

  test("the refusal never repeats what came", () => {
    const url = signed(pairs({ logged_in_customer_id: "secret-thing" }))
    expect(() => verify(url)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("secret-thing") }),
    )
  })
})

test("however the text of a signed visitor's request is cut again, it never speaks for another customer or shop", () => {
  const word = fc.oneof(
    fc.stringMatching(/^[a-z0-9_=/]{0,12}$/),
    fc.constantFrom(
      "logged_in_customer_id=777",
      "1logged_in_customer_id=777",
      "shop=other.myshopify.com",
      "77",
    ),
  )
  const name = fc.oneof(
    fc.stringMatching(/^[a-z0-9_]{1,12}$/),
    fc.constantFrom("logged_in_customer_i", "m", "zz"),
  )
  let taken = 0
  fc.assert(
    fc.property(name, word, fc.infiniteStream(fc.nat(99)), (own, value, chance) => {
      fc.pre(!pairs().some(([known]) => known === own))
      const all: [string, string][] = [...pairs(), [own, value]]
      const signature = signed(all).searchParams.get("signature") ?? ""
      const text = [...all]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map((pair) => pair.join("="))
        .join("")
      // Cut where a trusted name begins, most of the time; elsewhere, now and then.
      const draw = () => chance.next().value ?? 99
      const cuts = [...text].flatMap((_, at) => {
        const likely =
          /^(shop|path_prefix|timestamp|logged_in_customer_id|product)=/.test(text.slice(at)) ||
          text.slice(at).startsWith(`${own}=${value}`)
        return at > 0 && draw() < (likely ? 90 : 1) ? [at] : []
      })
      const forged = new URL("https://app.test/proxy/recommendations")
      for (const [index, from] of [0, ...cuts].entries()) {
        const piece = text.slice(from, cuts[index] ?? text.length)
        const equals = Math.max(0, piece.indexOf("="))
        forged.searchParams.append(piece.slice(0, equals), piece.slice(equals + 1))
      }
      forged.searchParams.append("signature", signature)
      const answer = answerOf(forged)
      if (answer !== null) taken++
      expect([null, { shopDomain: "hearth.myshopify.com", loggedInCustomerId: null }]).toContainEqual(answer)
    }),
    { seed: 20261124, numRuns: 3_000 },
  )
  // Else the cuts would prove nothing.
  expect(taken).toBeGreaterThan(100)
})

function answerOf(url: URL) {
  try {
    return verify(url)
  } catch (error) {
    if (error instanceof AppError && error.code === "unauthenticated") return null
    throw error
  }
}

test("while a secret is rotated the old one still counts, and a third one does not", () => {
  const both = ["the-new-secret", SECRET]
  expect(verifyProxySignature(signed(pairs()), both, NOW_MS).shopDomain).toBe("hearth.myshopify.com")
  expect(verifyProxySignature(signed(pairs(), "the-new-secret"), both, NOW_MS).shopDomain).toBe(
    "hearth.myshopify.com",
  )
  expect(() => verifyProxySignature(signed(pairs(), "another-secret"), both, NOW_MS)).toThrow(
    /Expected a request signed/,
  )
})
