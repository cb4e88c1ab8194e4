/** The simulated shop hands tokens to anyone who asks: nothing that serves real shops may reach it. */
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { parseSource, projectRoot } from "../architecture/source.ts"

const read = (path: string) => readFileSync(join(projectRoot, path), "utf8")

/** What an installation of one's own runs (compose.yaml, Dockerfile), and what is built into the pages. */
const SERVED = [
  "app/cli/web.ts",
  "app/cli/worker.ts",
  "app/cli/migrate.ts",
  "app/root.tsx",
  "app/entry.client.tsx",
  "app/entry.server.tsx",
  ...readdirSync(join(projectRoot, "app/routes"))
    .filter((name) => /\.tsx?$/.test(name) && !name.includes(".test."))
    .map((name) => `app/routes/${name}`),
]

/** Every file that is loaded when these are, types aside. */
function loadedBy(entries: readonly string[]): Set<string> {
  const loaded = new Set<string>()
  const open = [...entries]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (loaded.has(path) || !existsSync(join(projectRoot, path)) || !/\.(ts|tsx|mjs)$/.test(path)) continue
    loaded.add(path)
    for (const { target, typeOnly } of parseSource(path, read(path)).imports) if (!typeOnly) open.push(target)
  }
  return loaded
}

test("no file of the tests or of the demo is loaded by what serves real shops", () => {
  const loaded = loadedBy(SERVED)
  expect(loaded.size).toBeGreaterThan(150)
  const foreign = [...loaded].filter(
    (path) => path.startsWith("tests/") || /^app\/cli\/demo(\.ts|\/)/.test(path),
  )
  expect(foreign).toEqual([])
})

test("the search finds what it is for: the demo does load the simulated shop", () => {
  expect(loadedBy(["app/cli/demo.ts"])).toContain("tests/support/shop/start-shop.ts")
})

test("the image that is deployed does not hold them", () => {
  const deployed =
    read("Dockerfile")
      .split(/^FROM /m)
      .at(-1) ?? ""
  const copied = [...deployed.matchAll(/^COPY --from=build (.+) \S+$/gm)].flatMap(([, paths = ""]) =>
    paths.split(" "),
  )
  expect(copied).toContain("/app/build")
  expect(copied.filter((path) => /^\/app\/?$|tests|\*/.test(path))).toEqual([])
})

test.each(["app/cli/web.ts", "app/cli/worker.ts"])(
  "%s does not start in production where a simulated shop is named",
  (script) => {
    const { status, stderr } = spawnSync(process.execPath, [script], {
      cwd: projectRoot,
      encoding: "utf8",
      timeout: 30_000,
      env: { ...process.env, NODE_ENV: "production", SIMULATED_SHOP_URL: "http://127.0.0.1:1" },
    })
    expect(status).toBe(1)
    expect(stderr).toContain("SIMULATED_SHOP_URL is set while NODE_ENV is production")
  },
)

test("without NODE_ENV it counts as production", () => {
  const { status, stderr } = spawnSync(process.execPath, ["app/cli/worker.ts"], {
    cwd: projectRoot,
    encoding: "utf8",
    timeout: 30_000,
    env: without("NODE_ENV", { SIMULATED_SHOP_URL: "http://127.0.0.1:1" }),
  })
  expect(status).toBe(1)
  expect(stderr).toContain("SIMULATED_SHOP_URL")
})

function without(name: string, also: Record<string, string>): NodeJS.ProcessEnv {
  const variables: NodeJS.ProcessEnv = { ...process.env, ...also }
  Reflect.deleteProperty(variables, name)
  return variables
}
