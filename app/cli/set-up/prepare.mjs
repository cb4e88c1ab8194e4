/**
 * From a bare clone to a Node that can run the project. Each step knows from what is there whether it is done, so a
 * second launch skips it, and one that was killed half-way is made good.
 */
import { readFileSync, statfsSync } from "node:fs"
import { join } from "node:path"
import { fetchShopifySchema, shopifySchemaIsThere } from "./fetch-shopify-schema.mjs"
import { generatePrismaClient, prismaClientIsCurrent } from "./generate-prisma-client.mjs"
import { installedNode, installNode } from "./install-node.mjs"
import { installPackages, packagesAreInstalled } from "./install-packages.mjs"
import { oneAtATime } from "./one-at-a-time.mjs"
import { projectRoot } from "./project.mjs"
import { SetUpError } from "./show.mjs"

const INSTALL_MB = 2_200 // 1.3 GB of packages, 0.6 GB of npm's cache, and room to unpack
const RUN_MB = 300 // an empty PostgreSQL and its log come to 60 MB; the rest is room to import

/** Those that stand in for Shopify. Serving never needs the schema. */
const NEEDS_SHOPIFY_SCHEMA = new Set(["demo", "test", "bench", "faults", "contracts"])

/** Installs what is missing for `command`, and gives the path of the Node to go on with. */
export async function prepare(command) {
  const lock = JSON.parse(readFileSync(join(projectRoot, "package-lock.json"), "utf8"))
  const hasSchema = () => !NEEDS_SHOPIFY_SCHEMA.has(command) || shopifySchemaIsThere()
  const ready = () =>
    packagesAreInstalled(lock) && prismaClientIsCurrent() && hasSchema() && installedNode(lock)
  requireDisk(RUN_MB, "to run")
  return (
    ready() ||
    oneAtATime(join(projectRoot, ".throughline", "set-up.lock"), async () => {
      if (!packagesAreInstalled(lock)) {
        requireDisk(INSTALL_MB, "to install the packages")
        await installPackages(lock)
      }
      const node = installedNode(lock) ?? (await installNode(lock))
      if (!prismaClientIsCurrent()) await generatePrismaClient(node)
      if (!hasSchema()) await fetchShopifySchema()
      return node
    })
  )
}

function requireDisk(neededMb, why) {
  const { bavail, bsize } = statfsSync(projectRoot)
  const freeMb = Math.floor((bavail * bsize) / 1e6)
  if (freeMb < neededMb)
    throw new SetUpError(
      `Throughline needs ${neededMb} MB of free disk ${why}; ${projectRoot} has ${freeMb} MB.\n  Free some, or move the folder to a larger disk.`,
    )
}
