import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts"
import { asAdmin } from "./prepare-database.ts"
import { isRoot, reachableFolder } from "./reachable-folder.ts"

let home: string
beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), "throughline-home-")), "state")
})
afterEach(() => {
  rmSync(reachableFolder(home), { recursive: true, force: true })
  rmSync(join(home, ".."), { recursive: true, force: true })
})

const databases = (server: EmbeddedPostgres) =>
  asAdmin(server.adminUrl, async (admin) =>
    (await admin.query<{ datname: string }>("SELECT datname FROM pg_database")).rows.map(
      (row) => row.datname,
    ),
  )

test("a server that is running already is taken over, not started twice", async () => {
  const first = await startEmbeddedPostgres(home)
  const second = await startEmbeddedPostgres(home)
  expect([first.adopted, second.adopted]).toEqual([false, true])
  expect(second.port).toBe(first.port)
  await second.stop()
  await expect(databases(first)).rejects.toThrow()
})

test("a state folder that was deleted and made again begins empty, and the old data is gone", async () => {
  const before = await startEmbeddedPostgres(home)
  await asAdmin(before.adminUrl, (admin) => admin.query("CREATE DATABASE kept"))
  await before.stop()
  const oldFolder = reachableFolder(home)
  const again = await startEmbeddedPostgres(home)
  expect(await databases(again)).toContain("kept")
  await again.stop()

  rmSync(home, { recursive: true })
  const after = await startEmbeddedPostgres(home)
  expect(await databases(after)).not.toContain("kept")
  await after.stop()
  // An ordinary user's data lay in the state folder itself; root's lies elsewhere, and must not stay there.
  if (isRoot) expect(existsSync(oldFolder)).toBe(false)
})
