import { join } from "node:path"
import type { TestProject } from "vitest/node"
import { clusterNames, removeCluster, startEmbeddedPostgres } from "../../app/cli/embedded-postgres.ts"
import { asAdmin, migrate, prepareDatabase } from "../../app/cli/prepare-database.ts"

const home = join(import.meta.dirname, "..", "..", ".throughline")

/**
 * Starts the tests' own PostgreSQL and makes the migrated template that each test file clones. With TEST_POSTGRES_URL,
 * a superuser's address, the tests run on that server instead, in databases that they drop at the end: it is how other
 * versions of PostgreSQL are tested.
 */
export default async function setup(project: TestProject) {
  const server = await testServer(process.env.TEST_POSTGRES_URL)
  const template = `throughline_template_${process.pid}`
  const { ownerUrl } = await prepareDatabase(server.adminUrl, template)
  await migrate(ownerUrl)
  await asAdmin(server.adminUrl, (admin) =>
    admin.query(`ALTER DATABASE ${template} WITH ALLOW_CONNECTIONS false`),
  )
  project.provide("adminUrl", server.adminUrl)
  project.provide("templateDatabase", template)
  return async () => {
    await asAdmin(server.adminUrl, (admin) => admin.query(`DROP DATABASE ${template}`))
    await server.end()
  }
}

async function testServer(given: string | undefined) {
  if (given) return { adminUrl: given, end: async () => undefined }
  await removeLeftovers()
  const server = await startEmbeddedPostgres(home, `test-${process.pid}`)
  return {
    adminUrl: server.adminUrl,
    end: async () => {
      await server.stop()
      server.remove()
    },
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
