import { afterEach, expect, vi } from "vitest"

/** What every test starts from: a complete environment with keys that guard nothing. */
Object.assign(process.env, {
  NODE_ENV: "test",
  LOG_LEVEL: "silent",
  SHOPIFY_API_KEY: "test-api-key",
  SHOPIFY_API_SECRET: "test-api-secret",
  SHOPIFY_APP_URL: "https://app.test",
  THROUGHLINE_KEYS: `test:${Buffer.alloc(32, 7).toString("base64")}`,
  DATABASE_URL: process.env.DATABASE_URL ?? "postgres://nobody@127.0.0.1:1/none",
})

// An unexpected console.error fails the test: a warning that nobody reads is a bug that nobody sees.
const consoleError = vi.spyOn(console, "error")
afterEach(() => {
  const calls = consoleError.mock.calls.splice(0)
  expect(calls, "console.error was called").toEqual([])
})
