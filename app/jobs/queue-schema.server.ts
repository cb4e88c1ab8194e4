import { runMigrations } from "graphile-worker"
import pg from "pg"

export const QUEUE_SCHEMA = "queue"

const APP_ROLE = "throughline_app"

/**
 * Makes or updates graphile-worker's tables as the database's owner, and lets the serving role use them. They are
 * outside the shops' row-level security by intent: a job names a shop by its number and carries nothing of it.
 */
export async function prepareQueueSchema(ownerUrl: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: ownerUrl, max: 1 })
  try {
    await runMigrations({ pgPool: pool, schema: QUEUE_SCHEMA })
    await pool.query(GRANTS)
  } finally {
    await pool.end()
  }
}

/** graphile-worker switches row-level security on without a policy, which shuts out all but the owner. */
const GRANTS = `
  GRANT USAGE ON SCHEMA ${QUEUE_SCHEMA} TO ${APP_ROLE};
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${QUEUE_SCHEMA} TO ${APP_ROLE};
  REVOKE INSERT, UPDATE, DELETE ON ${QUEUE_SCHEMA}.migrations FROM ${APP_ROLE};
  GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${QUEUE_SCHEMA} TO ${APP_ROLE};
  DO $$ DECLARE target regclass;
  BEGIN
    FOR target IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = '${QUEUE_SCHEMA}' AND c.relrowsecurity
        AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'queue_for_app')
    LOOP
      EXECUTE format('CREATE POLICY queue_for_app ON %s TO ${APP_ROLE} USING (true) WITH CHECK (true)', target);
    END LOOP;
  END $$;`
