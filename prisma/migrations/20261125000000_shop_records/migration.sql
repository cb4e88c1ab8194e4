-- What the shop itself knows (records), what people allow (consents), their requests, and who read what.
-- AlterTable
ALTER TABLE "shops" ADD COLUMN     "scopes" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "scopes_at" TIMESTAMPTZ(3),
ADD COLUMN     "redactions_applied" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "time_zone" TEXT NOT NULL DEFAULT 'UTC';

-- AlterTable
ALTER TABLE "inbox" ADD COLUMN     "api_version" TEXT,
ADD COLUMN     "lost_workers" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "vault"."redactions" ADD COLUMN     "blind" BYTEA;

-- AlterTable
ALTER TABLE "import_runs" ADD COLUMN     "operation" TEXT,
ADD COLUMN     "position" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "restarts" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "rows_expected" BIGINT;

-- CreateTable
CREATE TABLE "shop_records" (
    "shop_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "record_key" TEXT NOT NULL,
    "parent_key" TEXT,
    "shopper_id" BIGINT,
    "version_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    "fields" JSONB NOT NULL DEFAULT '{}',
    "field_versions" JSONB NOT NULL DEFAULT '{}',
    "sealed" BYTEA,
    "wanted_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "shop_records_pkey" PRIMARY KEY ("shop_id","kind","record_key")
);

-- CreateTable
CREATE TABLE "consents" (
    "shop_id" INTEGER NOT NULL,
    "shopper_id" BIGINT NOT NULL,
    "purpose" TEXT NOT NULL,
    "granted" BOOLEAN NOT NULL,
    "version_at" TIMESTAMPTZ(3) NOT NULL,
    "source" TEXT NOT NULL,

    CONSTRAINT "consents_pkey" PRIMARY KEY ("shop_id","shopper_id","purpose")
);

-- CreateTable
CREATE TABLE "reconcile_runs" (
    "shop_id" INTEGER NOT NULL,
    "run_id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "state" TEXT NOT NULL DEFAULT 'running',
    "counts" JSONB NOT NULL DEFAULT '{}',
    "cursor" JSONB NOT NULL DEFAULT '{}',
    "message" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "reconcile_runs_pkey" PRIMARY KEY ("shop_id","run_id")
);

-- CreateTable
CREATE TABLE "privacy_requests" (
    "shop_id" INTEGER NOT NULL,
    "request_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "shopper_id" BIGINT,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "reason" TEXT,
    "subject" BYTEA,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "done_at" TIMESTAMPTZ(3),
    "answer" BYTEA,

    CONSTRAINT "privacy_requests_pkey" PRIMARY KEY ("shop_id","request_id")
);

-- CreateTable
CREATE TABLE "access_log" (
    "shop_id" INTEGER NOT NULL,
    "access_id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "shopper_id" BIGINT,

    CONSTRAINT "access_log_pkey" PRIMARY KEY ("shop_id","access_id")
);

-- CreateIndex
CREATE INDEX "shop_records_shop_id_kind_parent_key_idx" ON "shop_records"("shop_id", "kind", "parent_key");

-- CreateIndex
CREATE INDEX "shop_records_shop_id_shopper_id_idx" ON "shop_records"("shop_id", "shopper_id");

-- CreateIndex
CREATE INDEX "shop_records_shop_id_wanted_at_idx" ON "shop_records"("shop_id", "wanted_at");

-- CreateIndex
CREATE INDEX "access_log_shop_id_at_idx" ON "access_log"("shop_id", "at");

-- CreateIndex
CREATE INDEX "redactions_shop_id_blind_idx" ON "vault"."redactions"("shop_id", "blind");


SELECT guard_table('shop_records'), guard_table('consents'), guard_table('reconcile_runs'),
  guard_table('privacy_requests'), guard_table('access_log');

-- An access log that its readers could rewrite proves nothing.
REVOKE UPDATE ON access_log FROM throughline_app;

CREATE OR REPLACE FUNCTION analyze_imported() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public SET default_statistics_target = 20 AS $$
BEGIN
  ANALYZE public.events (shop_id, shopper_id, at, type, product_id), public.products, public.shoppers,
    public.shopper_identities (shop_id, kind, shopper_id), public.dirty_shoppers, vault.shopper_keys (shop_id, shopper_id),
    public.shop_records (shop_id, kind, record_key, parent_key, shopper_id), public.consents;
END $$;
