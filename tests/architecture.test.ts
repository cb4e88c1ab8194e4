import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { environmentVariables } from "../app/env.server.ts"
import { envExample, missingPaths, unaskedScripts, unknownScripts } from "./architecture/documents.ts"
import {
  barrelComplaints,
  directionComplaints,
  environmentComplaints,
  namelessFolders,
  purityComplaints,
} from "./architecture/rules.ts"
import { filesUnder, folderNames, parseSource, projectRoot, readSources } from "./architecture/source.ts"

const OUR_FOLDERS = ["app", "tests", "extensions", "ml", "prisma", "docs"]
const sources = readSources(["app", "tests", "extensions"])
const read = (path: string) => readFileSync(join(projectRoot, path), "utf8")
const documents = [
  ...filesUnder("docs").filter((path) => path.endsWith(".md")),
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"],
]

test("there are sources to judge", () => {
  expect(sources.length).toBeGreaterThan(50)
})

test("a folder imports only from its left, and only routes, jobs and cli compose", () => {
  expect(directionComplaints(sources)).toEqual([])
})

test("what has effects says so in its name", () => {
  expect(purityComplaints(sources)).toEqual([])
})

test("the environment is read in one place", () => {
  expect(environmentComplaints(sources)).toEqual([])
})

test("a folder is a concept of the field, and no file only passes others on", () => {
  expect(namelessFolders(folderNames(OUR_FOLDERS))).toEqual([])
  expect(barrelComplaints(sources)).toEqual([])
})

describe("documents", () => {
  const { scripts } = JSON.parse(read("package.json"))

  test.each(documents)("%s quotes only commands and paths that exist", (path) => {
    const text = read(path)
    expect(unknownScripts(text, Object.keys(scripts))).toEqual([])
    expect(missingPaths(text)).toEqual([])
  })

  test("no script runs unasked beside another", () => {
    expect(unaskedScripts(Object.keys(scripts))).toEqual([])
  })

  test(".env.example lists every variable that the program reads, with its meaning and default", async () => {
    await expect(envExample(environmentVariables)).toMatchFileSnapshot("../.env.example")
  })
})

describe("the rules find what they are for", () => {
  const complaintsOf = (rule: typeof directionComplaints, path: string, text: string) =>
    rule([parseSource(path, text)])

  test.each([
    ["app/features/x.ts", 'import { rank } from "../recommend/rank.ts"'],
    ["app/recommend/x.ts", 'import { nudge } from "../conversion/nudge.ts"'],
    ["app/journey/x.ts", 'import type { Slate } from "../decision/slate.ts"'],
    ["app/scoring/x.server.ts", 'export { handlers } from "../jobs/handlers.ts"'],
    ["app/db.server.ts", 'import { importEvents } from "./capture/import.server.ts"'],
    ["app/surface/x.server.ts", 'const shop = await import("../../tests/support/shop/start-shop.ts")'],
    ["app/jobs/x.ts", 'import { loader } from "../routes/app.tsx"'],
  ])("direction: %s may not %s", (path, text) => {
    expect(complaintsOf(directionComplaints, path, text)).toHaveLength(1)
  })

  test.each([
    ["app/features/x.ts", "export const now = () => Date.now()"],
    ["app/features/x.ts", "export const today = new Date()"],
    ["app/journey/x.ts", "export const pick = () => Math.random()"],
    ["app/shop/x.ts", 'import { randomUUID } from "node:crypto"\nexport const id = () => randomUUID()'],
    ["app/capture/x.ts", 'import { readFileSync } from "node:fs"'],
    ["app/capture/x.ts", 'import pg from "pg"'],
    ["app/decision/x.ts", 'import { withShop } from "../db.server.ts"'],
  ])("purity: %s may not %s", (path, text) => {
    expect(complaintsOf(purityComplaints, path, text)).toHaveLength(1)
  })

  test("a pure file may name a type of one with effects, and make a date from a number", () => {
    const text = 'import type { X } from "../db.server.ts"\nexport const at = (ms: number) => new Date(ms)'
    expect(complaintsOf(purityComplaints, "app/journey/x.ts", text)).toEqual([])
  })

  test("environment, folder and document rules", () => {
    expect(complaintsOf(environmentComplaints, "app/surface/x.server.ts", "process.env.PORT")).toHaveLength(1)
    expect(namelessFolders(["app", "utils"])).toEqual(["utils"])
    expect(unaskedScripts(["train", "pretrain", "posters", "prepare"])).toEqual(["pretrain"])
    expect(unknownScripts("run `npm run demo` or `npm run nonsense`", ["demo"])).toEqual(["nonsense"])
    expect(missingPaths("see `app/env.server.ts` and `app/none.ts`")).toEqual(["app/none.ts"])
  })
})
