import "@shopify/shopify-api/adapters/web-api"
import { ApiVersion, LogSeverity, shopifyApi } from "@shopify/shopify-api"
import fc from "fast-check"
import { expect, test } from "vitest"
import { webhookHeaders } from "../../tests/support/shop/sign-webhook.ts"
import { verifyWebhook } from "./webhook-signature.ts"

const SECRET = "webhook-test-secret"
const BODY = '{"id":820982911946154508,"note":"é"}'
const webhook = { topic: "orders/create", shop: "hearth.myshopify.com", body: BODY, secret: SECRET }
const bytes = (text: string) => new TextEncoder().encode(text)
const verify = (headers: Record<string, string>, body = BODY, secrets = [SECRET]) =>
  verifyWebhook(new Headers(headers), bytes(body), secrets)

test("a signed webhook says what it is about", () => {
  const headers = webhookHeaders({
    ...webhook,
    webhookId: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    triggeredAt: "2026-11-24T18:00:27.877041743Z",
  })
  expect(verify(headers)).toEqual({
    topic: "orders/create",
    shopDomain: "hearth.myshopify.com",
    webhookId: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    triggeredAt: new Date("2026-11-24T18:00:27.877Z"),
    apiVersion: "2026-07",
  })
})

test("Shopify's own library takes the webhooks that these tests sign", async () => {
  const library = shopifyApi({
    apiKey: "key",
    apiSecretKey: SECRET,
    apiVersion: ApiVersion.July26,
    hostName: "app.test",
    isEmbeddedApp: true,
    logger: { level: LogSeverity.Error },
  })
  const request = new Request("https://app.test/webhooks", {
    method: "POST",
    headers: webhookHeaders(webhook),
    body: BODY,
  })
  const check = await library.webhooks.validate({ rawBody: BODY, rawRequest: request })
  expect(check).toMatchObject({ valid: true, domain: webhook.shop })
})

test("the old secret counts while it is given, and not when it is no more", () => {
  const headers = webhookHeaders(webhook)
  expect(verify(headers, BODY, ["the-new-secret", SECRET]).topic).toBe("orders/create")
  expect(() => verify(headers, BODY, ["the-new-secret"])).toThrow(
    expect.objectContaining({ code: "unauthenticated" }),
  )
})

test("whatever stands in the place of the signature or the body, nothing else is taken", () => {
  const headers = webhookHeaders(webhook)
  const signature = headers["X-Shopify-Hmac-SHA256"] ?? ""
  const forged = fc.oneof(
    fc.string(),
    fc.base64String({ minLength: 44, maxLength: 44 }),
    fc.integer({ min: 0, max: 43 }).map((at) => signature.slice(0, at) + signature.slice(at + 1)),
    fc.string({ minLength: 1 }).map((tail) => signature + tail),
  )
  fc.assert(
    fc.property(forged, (text) => {
      // A header trims what stands around it.
      fc.pre(text.trim() !== signature && !/[^\x20-\x7e]/.test(text))
      expect(() => verify({ ...headers, "X-Shopify-Hmac-SHA256": text })).toThrow(
        expect.objectContaining({ code: "unauthenticated" }),
      )
    }),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(fc.string(), (body) => {
      fc.pre(body !== BODY)
      expect(() => verify(headers, body)).toThrow(expect.objectContaining({ code: "unauthenticated" }))
    }),
  )
})
