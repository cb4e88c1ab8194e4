import type { ServerBuild } from "@remix-run/node"
import { expect, test } from "vitest"
import { routePatterns } from "./route-patterns.ts"

const routes = {
  root: { id: "root", path: "" },
  index: { id: "index", parentId: "root", index: true },
  app: { id: "app", parentId: "root", path: "app" },
  home: { id: "home", parentId: "app", index: true },
  shopper: { id: "shopper", parentId: "app", path: "shoppers/:shopperId" },
  auth: { id: "auth", parentId: "root", path: "auth/*" },
}

const patternOf = routePatterns({ routes } as unknown as ServerBuild)

test.each([
  ["/", "/"],
  ["/app", "/app"],
  ["/app.data", "/app.data"],
  ["/app/shoppers/4711", "/app/shoppers/:shopperId"],
  ["/auth/session-token", "/auth/*"],
  ["/assets/app-1234.js", "/assets/*"],
  ["/_root.data", "/.data"],
  ["/wp-login.php", "none"],
  ["/app/nothing/here", "none"],
  ["/%E0%A4%A", "none"],
])("%s is logged as %s", (path, pattern) => {
  expect(patternOf(path)).toBe(pattern)
})
