/** The rules of docs/architecture.md, as functions from sources to complaints. */
import type { Import, Source } from "./source.ts"

/** Left to right; a folder imports only from its left. Those with one number do not import each other. */
const RANK: Record<string, number> = {
  capture: 0,
  journey: 1,
  features: 2,
  scoring: 3,
  recommend: 4,
  conversion: 4,
  retention: 4,
  decision: 5,
  experiment: 6,
  surface: 7,
}

/** Only these put the parts together. What each may import of the others: */
const COMPOSERS: Record<string, readonly string[]> = {
  components: [],
  jobs: [],
  routes: ["components", "jobs"],
  cli: ["jobs"],
}

/** Files of the demo stand in for Shopify with the tests' simulated shop. */
const USES_SIMULATED_SHOP = /^app\/cli\/demo(\.ts$|\/)/

type Place =
  | { kind: "foundation" }
  | { kind: "part"; folder: string; rank: number }
  | { kind: "composer"; folder: string }
  | { kind: "page" }
  | { kind: "outside" }

function placeOf(path: string): Place {
  const [top, folder, ...rest] = path.split("/")
  if (top !== "app" || folder === undefined) return { kind: "outside" }
  if (rest.length === 0)
    return /^(root|entry\.\w+)\.tsx$/.test(folder) ? { kind: "page" } : { kind: "foundation" }
  if (folder === "shop" || folder === "types" || path.startsWith("app/experiment/assignment"))
    return { kind: "foundation" }
  if (folder in COMPOSERS) return { kind: "composer", folder }
  const rank = RANK[folder]
  if (rank !== undefined) return { kind: "part", folder, rank }
  throw new Error(`${path}: app/${folder} has no place in tests/architecture/rules.ts`)
}

export function directionComplaints(sources: Source[]): string[] {
  return sources
    .filter(({ path }) => path.startsWith("app/") && !isTest(path))
    .flatMap((source) =>
      source.imports
        .filter((found) => !mayImport(source.path, found.target))
        .map((found) => `${source.path} imports ${found.target}`),
    )
}

function mayImport(from: string, target: string): boolean {
  if (target.startsWith("tests/")) return USES_SIMULATED_SHOP.test(from)
  if (!target.startsWith("app/")) return true
  const here = placeOf(from)
  const there = placeOf(target)
  if (there.kind === "foundation") return true
  switch (here.kind) {
    case "foundation":
    case "outside":
      return false
    case "part":
      return there.kind === "part" && (there.folder === here.folder || there.rank < here.rank)
    case "page":
      return there.kind !== "composer" || there.folder === "components"
    case "composer":
      return (
        there.kind === "part" ||
        (there.kind === "composer" &&
          (there.folder === here.folder || (COMPOSERS[here.folder] ?? []).includes(there.folder)))
      )
    default:
      return here satisfies never
  }
}

const EFFECTFUL_PACKAGES = new Set([
  "pg",
  "@prisma/client",
  "bull",
  "ioredis",
  "graphile-worker",
  "onnxruntime-node",
  "express",
  "pino",
  "prom-client",
])
const PURE_NODE_MODULES = new Set([
  "node:crypto",
  "node:path",
  "node:util",
  "node:url",
  "node:buffer",
  "node:assert",
])

/** A file whose name does not say `.server` has no effect and imports none; its types may name one. */
export function purityComplaints(sources: Source[]): string[] {
  return sources
    .filter(isHeldToPurity)
    .flatMap(({ path, imports, effects }) => [
      ...imports.filter(hasEffects).map(({ target }) => `${path} imports ${target}`),
      ...effects.map((effect) => `${path} calls ${effect}`),
    ])
}

function isHeldToPurity({ path }: Source): boolean {
  if (isTest(path) || path.includes(".server.")) return false
  const place = placeOf(path)
  return place.kind === "part" || place.kind === "foundation"
}

function hasEffects({ target, typeOnly }: Import): boolean {
  if (typeOnly) return false
  if (target.startsWith("node:")) return !PURE_NODE_MODULES.has(target)
  return target.includes(".server.") || EFFECTFUL_PACKAGES.has(target)
}

/** Where the environment may be read: once for the program, and where processes are started or tested. */
const READS_ENVIRONMENT = [
  /^app\/env\.server\.ts$/,
  /^app\/log\.server\.ts$/, // it must be able to speak before the environment is found wrong
  /^app\/cli\//,
  /^tests\//,
  /^[\w.-]+\.config\.ts$/,
]

export function environmentComplaints(sources: Source[]): string[] {
  return sources
    .filter(({ effects, path }) => effects.includes("process.env") && !isTest(path))
    .filter(({ path }) => !READS_ENVIRONMENT.some((allowed) => allowed.test(path)))
    .map(({ path }) => `${path} reads process.env`)
}

const SAYS_NOTHING = new Set(["utils", "util", "helpers", "lib", "libs", "misc", "common", "shared"])

export function namelessFolders(names: string[]): string[] {
  return [...new Set(names.filter((name) => SAYS_NOTHING.has(name)))]
}

/** A barrel hides where things are and pulls in what nobody asked for. */
export function barrelComplaints(sources: Source[]): string[] {
  return sources
    .filter(({ path }) => /(^|\/)index\.tsx?$/.test(path))
    .map(({ path }) => `${path} is a barrel`)
}

function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path)
}
