import { join } from "node:path"
import type { TestProject } from "vitest/node"
import { clusterNames, removeCluster, startEmbeddedPostgres } from "../../app/cli/embedded-postgres.ts"
import { asAdmin, migrate, prepareDatabase } from "../../app/cli/prepare-database.ts"

const home = join(import.meta.dirname, "..", "..", ".throughline")

/** Starts the tests' own PostgreSQL and makes the migrated template that each test file clones. */
export default async function setup(project: TestProject) {
  await removeLeftovers()
  const server = await startEmbeddedPostgres(home, `test-${process.pid}`)
  const template = "throughline_template"
  const { ownerUrl } = await prepareDatabase(server.adminUrl, template)
  await migrate(ownerUrl)
  await asAdmin(server.adminUrl, (admin) =>
    admin.query(`ALTER DATABASE ${template} WITH ALLOW_CONNECTIONS false`),
  )
  project.provide("adminUrl", server.adminUrl)
  project.provide("templateDatabase", template)
  return async () => {
    await server.stop()
    server.remove()
  }
}

/** A run that was killed could not stop its server. */
async function removeLeftovers(): Promise<void> {
  for (const name of clusterNames(home)) {
    const pid = Number(/^test-(\d+)$/.exec(name)?.[1])
    if (pid && !isAlive(pid)) await removeCluster(home, name)
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}
