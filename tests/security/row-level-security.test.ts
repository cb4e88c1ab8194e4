import { randomUUID } from "node:crypto"
import { expect, inject, test } from "vitest"
import { asAdmin } from "../../app/cli/prepare-database.ts"
import {
  databasePool,
  ensureShop,
  listShopIds,
  prismaWithoutShop,
  withShop,
  withShopSql,
} from "../../app/db.server.ts"
import { testDatabase } from "../support/database.ts"

testDatabase()

const atCurrentDatabase = () => {
  const url = new URL(inject("adminUrl"))
  url.pathname = new URL(process.env.DATABASE_URL ?? "").pathname
  return url.href
}

/** The only tables without a shop: Shopify's own sessions and Prisma's list of migrations. */
const EXCEPTIONS = ["public._prisma_migrations", "public.shopify_sessions"]

test("every table but the named exceptions has a forced policy, partitions too", async () => {
  await databasePool().query("SELECT ensure_event_partitions('2026-01-15', '2026-02-15')")
  const unguarded = await asAdmin(atCurrentDatabase(), (admin) =>
    admin.query<{ name: string }>(`
      SELECT n.nspname || '.' || c.relname AS name
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'vault')
        AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
          SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND pg_get_expr(p.polqual, p.polrelid) LIKE '%current_shop_id()%'))
      ORDER BY 1`),
  )
  expect(unguarded.rows.map((row) => row.name)).toEqual(EXCEPTIONS)
})

test("the serving role owns nothing, is no superuser and cannot bypass row-level security", async () => {
  const { rows } = await databasePool().query(
    `SELECT rolsuper, rolbypassrls, rolcreaterole, (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) AS owned
     FROM pg_roles r WHERE rolname = current_user`,
  )
  expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: false, owned: 0 }])
})

test("two shops cannot see, change or add each other's rows, through the parent or through a partition", async () => {
  const [one, two] = [await ensureShop("one.myshopify.com"), await ensureShop("two.myshopify.com")]
  await databasePool().query("SELECT ensure_event_partitions('2026-01-15', '2026-01-15')")
  const addEvent = (shopId: number) =>
    withShop(shopId, (tx) =>
      tx.event.create({
        data: { shopId, at: new Date("2026-01-15"), eventKey: randomUUID(), shopperId: 1n, type: 3 },
      }),
    )
  await addEvent(one)
  await addEvent(two)

  expect(await withShop(one, (tx) => tx.event.findMany({ select: { shopId: true } }))).toEqual([
    { shopId: one },
  ])
  expect(await withShop(one, (tx) => tx.event.deleteMany({ where: { shopId: two } }))).toEqual({ count: 0 })
  expect(await withShop(one, (tx) => tx.shop.findMany({ select: { shopId: true } }))).toEqual([
    { shopId: one },
  ])
  await expect(
    withShop(one, (tx) =>
      tx.event.create({
        data: { shopId: two, at: new Date("2026-01-15"), eventKey: randomUUID(), shopperId: 1n, type: 3 },
      }),
    ),
  ).rejects.toThrow(/row-level security/)
  const byName = await withShopSql(one, (client) =>
    client.query("SELECT DISTINCT shop_id FROM events_202601"),
  )
  expect(byName.rows).toEqual([{ shop_id: one }])
})

test("without a shop there is nothing to see, but the ids of the shops", async () => {
  await ensureShop("one.myshopify.com")
  expect(await prismaWithoutShop().shop.findMany()).toEqual([])
  expect((await listShopIds()).length).toBeGreaterThan(0)
})
