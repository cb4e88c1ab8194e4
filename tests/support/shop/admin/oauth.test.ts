import { expect, test } from "vitest"
import { makeSessionToken } from "./session-token.ts"
import { openAdmin, SCOPES } from "./test-admin.ts"

const HOUR_MS = 3_600_000

const refresh = (refresh_token: string) => ({ grant_type: "refresh_token", refresh_token })

test("a session token is worth an offline token of an hour, with one to refresh it", async () => {
  const { exchange } = await openAdmin()
  const { status, body } = await exchange()
  expect(status).toBe(200)
  expect(body).toMatchObject({
    scope: SCOPES.join(","),
    expires_in: 3600,
    refresh_token_expires_in: 7_776_000,
  })
})

test("an online token names the member of staff", async () => {
  const { exchange, state } = await openAdmin()
  const { body } = await exchange("online", makeSessionToken(state, Date.now(), "42"))
  expect(body).toMatchObject({ associated_user: { id: 42 }, associated_user_scope: SCOPES.join(",") })
})

test("a token that expired is refused, and its refresh token gives the next", async () => {
  const { exchange, askToken, ask, clock } = await openAdmin()
  const { body: pair } = await exchange()
  clock.ms += HOUR_MS
  expect((await ask("{ shop { id } }", {}, { token: pair.access_token })).status).toBe(401)
  const { body: next } = await askToken(refresh(pair.refresh_token))
  expect((await ask("{ shop { id } }", {}, { token: next.access_token })).status).toBe(200)
})

test("a used refresh token works again until its replacement is used", async () => {
  const { exchange, askToken } = await openAdmin()
  const { body: pair } = await exchange()
  const { body: lost } = await askToken(refresh(pair.refresh_token))
  const { status, body: kept } = await askToken(refresh(pair.refresh_token))
  expect(status).toBe(200)
  expect(kept.refresh_token).not.toBe(lost.refresh_token)
  expect((await askToken(refresh(kept.refresh_token))).status).toBe(200)
  const again = await askToken(refresh(pair.refresh_token))
  expect([again.status, again.body.error]).toEqual([400, "invalid_grant"])
})

test("refresh tokens are good for 90 days, and for 30 from their first use", async () => {
  const { exchange, askToken, clock } = await openAdmin()
  const { body: unused } = await exchange()
  const { body: used } = await exchange()
  await askToken(refresh(used.refresh_token))
  clock.ms += 31 * 24 * HOUR_MS
  expect((await askToken(refresh(used.refresh_token))).body.error).toBe("invalid_grant")
  clock.ms += 59 * 24 * HOUR_MS
  expect((await askToken(refresh(unused.refresh_token))).body.error).toBe("invalid_grant")
})

test("two secrets work while one is rotated, the old one no longer when it is retired", async () => {
  const { exchange, askToken, state } = await openAdmin()
  const { body: pair } = await exchange()
  state.addSecret("new-secret")
  const withNew = { ...refresh(pair.refresh_token), client_secret: "new-secret" }
  expect((await askToken(withNew)).status).toBe(200)
  expect((await exchange()).status).toBe(200)
  const before = makeSessionToken(state, Date.now())
  state.retireSecret("test-secret")
  expect((await exchange()).body.error).toBe("invalid_client")
  expect((await askToken({ ...withNew, client_secret: "test-secret" })).status).toBe(401)
  const old = await askToken({
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    client_secret: "new-secret",
    subject_token: before,
  })
  expect(old.body.error).toBe("invalid_subject_token")
})

test("a session token of another app, or of a minute ago, is worth nothing", async () => {
  const { exchange, state } = await openAdmin()
  const old = makeSessionToken(state, Date.now() - 120_000)
  expect((await exchange("offline", old)).body.error).toBe("invalid_subject_token")
  const forged = `${makeSessionToken(state, Date.now()).slice(0, -4)}AAAA`
  expect((await exchange("offline", forged)).body.error).toBe("invalid_subject_token")
})

test("an uninstall ends every token at once, and an install begins anew", async () => {
  const { exchange, askToken, ask, state } = await openAdmin()
  const { body: pair } = await exchange()
  state.uninstall()
  expect((await ask("{ shop { id } }", {}, { token: pair.access_token })).status).toBe(401)
  expect((await exchange()).body.error).toBe("app_not_installed")
  state.install(["read_products"])
  expect((await askToken(refresh(pair.refresh_token))).body.error).toBe("invalid_grant")
  expect((await exchange()).body.scope).toBe("read_products")
})
