import { databasePool } from "../db.server.ts"
import { AppError } from "../errors.ts"

/** How many shops' data is older than the redaction ledger: a backup came back and people with it who were erased. */
export async function shopsBehindLedger(): Promise<number> {
  const { rows } = await databasePool().query<{ shops: number }>(
    "SELECT count(*)::int AS shops FROM list_shops_behind_ledger()",
  )
  return rows[0]?.shops ?? 0
}

/**
 * Ends a start on data that is older than the redaction ledger. A database that does not answer, or lacks migrations,
 * is for readiness to say.
 * @throws AppError `bad_configuration`
 */
export async function refuseUnreplayed(): Promise<void> {
  const shops = await shopsBehindLedger().catch(() => 0)
  if (shops > 0)
    throw new AppError(
      "bad_configuration",
      `Expected data in which everyone is erased who was; ${shops} shops came back from an older backup. Run: npm run restore -- --replay`,
    )
}
