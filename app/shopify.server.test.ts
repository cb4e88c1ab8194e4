import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { environmentVariables } from "./env.server.ts"
import { PROXY_PATH_PREFIX } from "./shop/proxy-signature.ts"
import { APP_LIFE_TOPICS, PRIVACY_TOPICS, RECORD_TOPICS } from "./shop/webhook-topics.ts"
import { API_VERSION, APP_BRIDGE_URL, appBridge, verifyProxyRequest } from "./shopify.server.ts"

const root = join(import.meta.dirname, "..")
const toml = readFileSync(join(root, "shopify.app.toml"), "utf8")
const setting = (name: string) => new RegExp(`^${name} = "([^"]*)"`, "m").exec(toml)?.[1]
const list = (name: string) =>
  [...(new RegExp(`^${name} = \\[([^\\]]*)\\]`, "m").exec(toml)?.[1] ?? "").matchAll(/"([^"]+)"/g)].map(
    ([, entry]) => entry ?? "",
  )
const scopes = (setting("scopes") ?? "").split(",")

describe("shopify.app.toml", () => {
  test("asks for the scopes that the app asks for", () => {
    expect(scopes.join(",")).toBe(environmentVariables.find(({ name }) => name === "SCOPES")?.default)
  })

  test("puts the app proxy where its signature is expected to come from", () => {
    expect(`/${setting("prefix")}/${setting("subpath")}`).toBe(PROXY_PATH_PREFIX)
  })

  test("subscribes to what the door takes, no more and no less, in the version that the app speaks", () => {
    expect(list("topics")).toEqual([...RECORD_TOPICS, ...APP_LIFE_TOPICS])
    expect(list("compliance_topics")).toEqual([...PRIVACY_TOPICS])
    expect([...toml.matchAll(/^uri = "(.*)"$/gm)].map(([, uri]) => uri)).toEqual(["/webhooks", "/webhooks"])
    expect(setting("api_version")).toBe(API_VERSION)
  })

  test("each scope and each topic has its reason in the documents", () => {
    const text = readFileSync(join(root, "docs", "shopify.md"), "utf8")
    const rows = text.split("\n").filter((line) => line.startsWith("| "))
    for (const name of [...scopes, ...RECORD_TOPICS, ...APP_LIFE_TOPICS, ...PRIVACY_TOPICS])
      expect(
        rows.filter((row) => row.split("|")[1]?.match(new RegExp(`(^|[\\s\`])${name}($|[\\s,\`])`))),
        name,
      ).toHaveLength(1)
  })
})

test("without a simulated shop App Bridge is Shopify's own", () => {
  expect(appBridge()).toEqual({ apiKey: "test-api-key", scriptUrl: APP_BRIDGE_URL })
})

test("an unsigned proxy request is refused", () => {
  expect(() => verifyProxyRequest(new URL("https://app.test/proxy/block?shop=a.myshopify.com"))).toThrow(
    expect.objectContaining({ code: "unauthenticated" }),
  )
})
