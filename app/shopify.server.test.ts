import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { environmentVariables } from "./env.server.ts"
import { PROXY_PATH_PREFIX } from "./shop/proxy-signature.ts"
import { APP_BRIDGE_URL, appBridge, verifyProxyRequest } from "./shopify.server.ts"

const toml = readFileSync(join(import.meta.dirname, "..", "shopify.app.toml"), "utf8")
const setting = (name: string) => new RegExp(`^${name} = "([^"]*)"`, "m").exec(toml)?.[1]

test("shopify.app.toml asks for the scopes that the app asks for", () => {
  const scopes = environmentVariables.find(({ name }) => name === "SCOPES")?.default
  expect(setting("scopes")).toBe(scopes)
})

test("shopify.app.toml puts the app proxy where its signature is expected to come from", () => {
  expect(`/${setting("prefix")}/${setting("subpath")}`).toBe(PROXY_PATH_PREFIX)
})

test("without a simulated shop App Bridge is Shopify's own", () => {
  expect(appBridge()).toEqual({ apiKey: "test-api-key", scriptUrl: APP_BRIDGE_URL })
})

test("an unsigned proxy request is refused", () => {
  expect(() => verifyProxyRequest(new URL("https://app.test/proxy/block?shop=a.myshopify.com"))).toThrow(
    expect.objectContaining({ code: "unauthenticated" }),
  )
})
