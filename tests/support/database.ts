/**
 * Real PostgreSQL for tests. One server of ours a run (see global-setup.ts), a migrated template, and a database of
 * its own for each test file, cloned from it in a few milliseconds.
 */
import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, inject } from "vitest"
import { asAdmin, databaseUrls } from "../../app/cli/prepare-database.ts"
import { closeDatabase } from "../../app/db.server.ts"

declare module "vitest" {
  interface ProvidedContext {
    adminUrl: string
    templateDatabase: string
  }
}

/** Gives this test file a database of its own, behind app/db.server.ts, for as long as the file runs. */
export function testDatabase(): void {
  const database = `test_${randomUUID().replaceAll("-", "")}`
  beforeAll(async () => {
    const adminUrl = inject("adminUrl")
    await asAdmin(adminUrl, async (admin) => {
      await admin.query(
        `CREATE DATABASE ${database} TEMPLATE ${inject("templateDatabase")} OWNER throughline_owner`,
      )
    })
    const { ownerUrl, servingUrl } = databaseUrls(adminUrl, database)
    process.env.DATABASE_URL = servingUrl
    process.env.DATABASE_OWNER_URL = ownerUrl
  })
  afterAll(async () => {
    await closeDatabase()
    await asAdmin(inject("adminUrl"), (admin) =>
      admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`),
    )
  })
}
