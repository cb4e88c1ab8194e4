/** `npm run migrate`: brings the tables and the queue up to this version, as the database's owner. */
import { AppError } from "../errors.ts"
import { migrate } from "./prepare-database.ts"

async function main(): Promise<void> {
  // Before a first deployment nothing else may be set yet, so the whole environment is not asked for.
  const ownerUrl = process.env.DATABASE_OWNER_URL
  if (!ownerUrl)
    throw new AppError(
      "bad_configuration",
      "Expected DATABASE_OWNER_URL, the PostgreSQL address of the role that owns the tables; it is not set. See docs/operations.md.",
    )
  await migrate(ownerUrl)
  process.stdout.write("The database is up to date.\n")
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof AppError ? error.message : String((error as Error)?.stack ?? error)}\n`,
  )
  process.exit(1)
})
