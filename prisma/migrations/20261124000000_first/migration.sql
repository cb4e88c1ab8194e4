-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "vault";

-- CreateTable
CREATE TABLE "shops" (
    "shop_id" SERIAL NOT NULL,
    "domain" TEXT NOT NULL,
    "name" TEXT NOT NULL DEFAULT '',
    "currency" CHAR(3) NOT NULL DEFAULT 'USD',
    "pixel_key" UUID NOT NULL DEFAULT gen_random_uuid(),
    "settings" JSONB NOT NULL DEFAULT '{}',
    "installed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "uninstalled_at" TIMESTAMPTZ(3),

    CONSTRAINT "shops_pkey" PRIMARY KEY ("shop_id")
);

-- CreateTable
CREATE TABLE "shopify_sessions" (
    "id" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "isOnline" BOOLEAN NOT NULL DEFAULT false,
    "scope" TEXT,
    "expires" TIMESTAMP(3),
    "accessToken" TEXT NOT NULL,
    "userId" BIGINT,
    "firstName" TEXT,
    "lastName" TEXT,
    "email" TEXT,
    "accountOwner" BOOLEAN NOT NULL DEFAULT false,
    "locale" TEXT,
    "collaborator" BOOLEAN DEFAULT false,
    "emailVerified" BOOLEAN DEFAULT false,
    "refreshToken" TEXT,
    "refreshTokenExpires" TIMESTAMP(3),

    CONSTRAINT "shopify_sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "products" (
    "shop_id" INTEGER NOT NULL,
    "product_id" SERIAL NOT NULL,
    "external_id" TEXT NOT NULL,
    "title" TEXT NOT NULL DEFAULT '',
    "description" TEXT NOT NULL DEFAULT '',
    "category" TEXT NOT NULL DEFAULT '',
    "brand" TEXT NOT NULL DEFAULT '',
    "price_cents" INTEGER,
    "currency" CHAR(3),
    "image_url" TEXT,
    "available" BOOLEAN NOT NULL DEFAULT true,
    "consumable" BOOLEAN NOT NULL DEFAULT false,
    "excluded" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "products_pkey" PRIMARY KEY ("shop_id","product_id")
);

-- CreateTable
CREATE TABLE "shoppers" (
    "shop_id" INTEGER NOT NULL,
    "shopper_id" BIGSERIAL NOT NULL,
    "known" BOOLEAN NOT NULL DEFAULT false,
    "merged_into" BIGINT,
    "merge_inferred" BOOLEAN NOT NULL DEFAULT false,
    "bot" BOOLEAN NOT NULL DEFAULT false,
    "first_seen_at" TIMESTAMPTZ(3),
    "last_seen_at" TIMESTAMPTZ(3),
    "lifecycle" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "shoppers_pkey" PRIMARY KEY ("shop_id","shopper_id")
);

-- CreateTable
CREATE TABLE "shopper_identities" (
    "shop_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "blind" BYTEA NOT NULL,
    "shopper_id" BIGINT NOT NULL,
    "sealed" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "shopper_identities_pkey" PRIMARY KEY ("shop_id","kind","blind")
);

-- CreateTable
CREATE TABLE "inbox" (
    "shop_id" INTEGER NOT NULL,
    "delivery_id" BIGSERIAL NOT NULL,
    "door" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "triggered_at" TIMESTAMPTZ(3),
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "body" BYTEA,
    "key_day" DATE NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "reason" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "processed_at" TIMESTAMPTZ(3),

    CONSTRAINT "inbox_pkey" PRIMARY KEY ("shop_id","delivery_id")
);

-- CreateTable
CREATE TABLE "events" (
    "shop_id" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "event_key" UUID NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "shopper_id" BIGINT NOT NULL,
    "type" SMALLINT NOT NULL,
    "product_id" INTEGER,
    "price_cents" INTEGER,
    "currency" CHAR(3),
    "quantity" INTEGER,
    "source_session" UUID,
    "order_ref" TEXT,
    "source" TEXT,
    "query_sealed" BYTEA,

    CONSTRAINT "events_pkey" PRIMARY KEY ("shop_id","shopper_id","at","event_key")
) PARTITION BY RANGE ("at");

-- CreateTable
CREATE TABLE "import_runs" (
    "shop_id" INTEGER NOT NULL,
    "import_id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'running',
    "rows_read" BIGINT NOT NULL DEFAULT 0,
    "rows_added" BIGINT NOT NULL DEFAULT 0,
    "rows_known" BIGINT NOT NULL DEFAULT 0,
    "rows_aside" JSONB NOT NULL DEFAULT '{}',
    "message" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "import_runs_pkey" PRIMARY KEY ("shop_id","import_id")
);

-- CreateTable
CREATE TABLE "dirty_shoppers" (
    "shop_id" INTEGER NOT NULL,
    "shopper_id" BIGINT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "dirty_shoppers_pkey" PRIMARY KEY ("shop_id","shopper_id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "shop_id" INTEGER NOT NULL,
    "session_id" BIGSERIAL NOT NULL,
    "shopper_id" BIGINT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,
    "source" TEXT,
    "channel" TEXT NOT NULL,
    "return_visit" BOOLEAN NOT NULL,
    "known" BOOLEAN NOT NULL,
    "lifecycle" TEXT,
    "bot" BOOLEAN NOT NULL,
    "automated" BOOLEAN NOT NULL,
    "events" INTEGER NOT NULL,
    "steps" SMALLINT[],
    "gap_seconds" INTEGER[],
    "path" SMALLINT[],
    "stages" SMALLINT NOT NULL,
    "furthest_stage" SMALLINT NOT NULL,
    "purchased_at" TIMESTAMPTZ(3),
    "orders" INTEGER NOT NULL,
    "revenue_cents" BIGINT NOT NULL,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("shop_id","session_id")
);

-- CreateTable
CREATE TABLE "shopper_links" (
    "shop_id" INTEGER NOT NULL,
    "link" UUID NOT NULL,
    "shopper_id" BIGINT NOT NULL,

    CONSTRAINT "shopper_links_pkey" PRIMARY KEY ("shop_id","link","shopper_id")
);

-- CreateTable
CREATE TABLE "journey_state" (
    "shop_id" INTEGER NOT NULL,
    "bgnbd" JSONB,
    "aged_at" TIMESTAMPTZ(3),

    CONSTRAINT "journey_state_pkey" PRIMARY KEY ("shop_id")
);

-- CreateTable
CREATE TABLE "journeys" (
    "shop_id" INTEGER NOT NULL,
    "journey_id" BIGSERIAL NOT NULL,
    "shopper_id" BIGINT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,
    "sessions" INTEGER NOT NULL,
    "furthest_stage" SMALLINT NOT NULL,
    "outcome" TEXT NOT NULL,
    "revenue_cents" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "journeys_pkey" PRIMARY KEY ("shop_id","journey_id")
);

-- CreateTable
CREATE TABLE "journey_map_edges" (
    "shop_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    "segment" TEXT NOT NULL,
    "from_step" SMALLINT NOT NULL,
    "to_step" SMALLINT NOT NULL,
    "transitions" INTEGER NOT NULL,
    "gap_histogram" INTEGER[],

    CONSTRAINT "journey_map_edges_pkey" PRIMARY KEY ("shop_id","day","segment","from_step","to_step")
);

-- CreateTable
CREATE TABLE "shopper_features" (
    "shop_id" INTEGER NOT NULL,
    "shopper_id" BIGINT NOT NULL,
    "as_of" TIMESTAMPTZ(3) NOT NULL,
    "contract_hash" TEXT NOT NULL,
    "values" REAL[],

    CONSTRAINT "shopper_features_pkey" PRIMARY KEY ("shop_id","shopper_id")
);

-- CreateTable
CREATE TABLE "models" (
    "shop_id" INTEGER NOT NULL,
    "model_id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "state" TEXT NOT NULL DEFAULT 'candidate',
    "version" TEXT NOT NULL,
    "contract_hash" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "manifest" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "published_at" TIMESTAMPTZ(3),

    CONSTRAINT "models_pkey" PRIMARY KEY ("shop_id","model_id")
);

-- CreateTable
CREATE TABLE "model_files" (
    "shop_id" INTEGER NOT NULL,
    "model_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "model_files_pkey" PRIMARY KEY ("shop_id","model_id","name")
);

-- CreateTable
CREATE TABLE "product_baselines" (
    "shop_id" INTEGER NOT NULL,
    "product_id" INTEGER NOT NULL,
    "popularity" REAL NOT NULL,
    "neighbour_ids" INTEGER[],
    "weights" REAL[],
    "as_of" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "product_baselines_pkey" PRIMARY KEY ("shop_id","product_id")
);

-- CreateTable
CREATE TABLE "decisions" (
    "shop_id" INTEGER NOT NULL,
    "decision_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "shopper_id" BIGINT,
    "surface" TEXT NOT NULL,
    "placement" TEXT NOT NULL,
    "context_product_id" INTEGER,
    "outcome" TEXT NOT NULL,
    "product_ids" INTEGER[],
    "scores" REAL[],
    "reasons" JSONB NOT NULL DEFAULT '[]',
    "served_by" TEXT NOT NULL,
    "fallback_reason" TEXT,
    "model_id" UUID,
    "inputs_hash" BYTEA,
    "latency_ms" REAL NOT NULL,

    CONSTRAINT "decisions_pkey" PRIMARY KEY ("shop_id","decision_id")
);

-- CreateTable
CREATE TABLE "exposures" (
    "shop_id" INTEGER NOT NULL,
    "decision_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "product_id" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "exposures_pkey" PRIMARY KEY ("shop_id","decision_id","kind","product_id")
);

-- CreateTable
CREATE TABLE "counters" (
    "shop_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "counters_pkey" PRIMARY KEY ("shop_id","name","day")
);

-- CreateTable
CREATE TABLE "schedules" (
    "shop_id" INTEGER NOT NULL,
    "job" TEXT NOT NULL,
    "every_ms" INTEGER NOT NULL,
    "next_run_at" TIMESTAMPTZ(3) NOT NULL,
    "last_run_at" TIMESTAMPTZ(3),
    "last_error" TEXT,

    CONSTRAINT "schedules_pkey" PRIMARY KEY ("shop_id","job")
);

-- CreateTable
CREATE TABLE "vault"."shop_keys" (
    "shop_id" INTEGER NOT NULL,
    "app_key_id" TEXT NOT NULL,
    "wrapped" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "shop_keys_pkey" PRIMARY KEY ("shop_id")
);

-- CreateTable
CREATE TABLE "vault"."shopper_keys" (
    "shop_id" INTEGER NOT NULL,
    "shopper_id" BIGINT NOT NULL,
    "wrapped" BYTEA NOT NULL,

    CONSTRAINT "shopper_keys_pkey" PRIMARY KEY ("shop_id","shopper_id")
);

-- CreateTable
CREATE TABLE "vault"."inbox_keys" (
    "shop_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    "wrapped" BYTEA NOT NULL,

    CONSTRAINT "inbox_keys_pkey" PRIMARY KEY ("shop_id","day")
);

-- CreateTable
CREATE TABLE "vault"."redactions" (
    "shop_id" INTEGER NOT NULL,
    "redaction_id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "shopper_id" BIGINT,
    "kind" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "redactions_pkey" PRIMARY KEY ("shop_id","redaction_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "shops_domain_key" ON "shops"("domain");

-- CreateIndex
CREATE UNIQUE INDEX "shops_pixel_key_key" ON "shops"("pixel_key");

-- CreateIndex
CREATE UNIQUE INDEX "products_shop_id_external_id_key" ON "products"("shop_id", "external_id");

-- CreateIndex
CREATE INDEX "shoppers_shop_id_merged_into_idx" ON "shoppers"("shop_id", "merged_into");

-- CreateIndex
CREATE INDEX "shopper_identities_shop_id_shopper_id_idx" ON "shopper_identities"("shop_id", "shopper_id");

-- CreateIndex
CREATE INDEX "inbox_shop_id_state_next_attempt_at_idx" ON "inbox"("shop_id", "state", "next_attempt_at");

-- CreateIndex
CREATE UNIQUE INDEX "inbox_shop_id_door_external_id_key" ON "inbox"("shop_id", "door", "external_id");

-- CreateIndex
CREATE INDEX "sessions_shop_id_shopper_id_started_at_idx" ON "sessions"("shop_id", "shopper_id", "started_at");

-- CreateIndex
CREATE INDEX "sessions_shop_id_started_at_idx" ON "sessions"("shop_id", "started_at");

-- CreateIndex
CREATE INDEX "shopper_links_shop_id_shopper_id_idx" ON "shopper_links"("shop_id", "shopper_id");

-- CreateIndex
CREATE INDEX "journeys_shop_id_shopper_id_idx" ON "journeys"("shop_id", "shopper_id");

-- CreateIndex
CREATE INDEX "decisions_shop_id_at_idx" ON "decisions"("shop_id", "at");


-- Roles. The serving role owns nothing: a login role that serves is made a member of it.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'throughline_app') THEN
    CREATE ROLE throughline_app NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
GRANT USAGE ON SCHEMA public, vault TO throughline_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, vault TO throughline_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, vault TO throughline_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public, vault GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO throughline_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public, vault GRANT USAGE ON SEQUENCES TO throughline_app;

-- The shop of this transaction, or null: then row-level security shows nothing.
CREATE FUNCTION current_shop_id() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('app.shop_id', true), '')::integer $$;

-- One policy for each table, forced, so that it binds the owner too.
CREATE FUNCTION guard_table(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY own_shop ON %s USING (shop_id = current_shop_id()) WITH CHECK (shop_id = current_shop_id())', target);
END $$;
REVOKE EXECUTE ON FUNCTION guard_table(regclass) FROM PUBLIC;

DO $$
DECLARE target regclass;
BEGIN
  FOR target IN
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'shop_id'
    WHERE n.nspname IN ('public', 'vault') AND c.relkind IN ('r', 'p')
  LOOP
    PERFORM guard_table(target);
  END LOOP;
END $$;

-- Only these three functions look across shops, and they give out no more than a number.
CREATE POLICY owner_registers ON shops TO CURRENT_USER USING (true) WITH CHECK (true);

CREATE FUNCTION list_shop_ids() RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS
$$ SELECT shop_id FROM public.shops WHERE uninstalled_at IS NULL ORDER BY shop_id $$;

CREATE FUNCTION shop_id_of(shop_domain text) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS
$$ SELECT shop_id FROM public.shops WHERE domain = shop_domain $$;

CREATE FUNCTION ensure_shop(shop_domain text) RETURNS integer LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public AS
$$ INSERT INTO public.shops (domain) VALUES (shop_domain)
   ON CONFLICT (domain) DO UPDATE SET uninstalled_at = NULL RETURNING shop_id $$;

-- Events: a partition for each month, split by hash of the shop. A partition queried by name ignores its
-- parent's policy, so each gets its own.
CREATE FUNCTION ensure_event_partitions(from_at timestamptz, to_at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  month date := date_trunc('month', from_at AT TIME ZONE 'UTC')::date;
  last_month date := date_trunc('month', to_at AT TIME ZONE 'UTC')::date;
  parent text;
  made integer := 0;
BEGIN
  -- Bounds of what a partition may be asked for, so that a wrong clock cannot make thousands of tables.
  IF from_at < '1995-01-01' OR to_at > now() + interval '40 days' THEN
    RAISE EXCEPTION 'events lie between 1995 and the next month; asked for % to %', from_at, to_at;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('ensure_event_partitions'));
  WHILE month <= last_month LOOP
    parent := 'events_' || to_char(month, 'YYYYMM');
    IF to_regclass('public.' || parent) IS NULL THEN
      EXECUTE format(
        'CREATE TABLE public.%I PARTITION OF public.events FOR VALUES FROM (%L) TO (%L) PARTITION BY HASH (shop_id)',
        parent, month::text || ' 00:00:00+00', (month + interval '1 month')::date::text || ' 00:00:00+00');
      PERFORM public.guard_table(('public.' || parent)::regclass);
      FOR part IN 0..3 LOOP
        EXECUTE format('CREATE TABLE public.%I PARTITION OF public.%I FOR VALUES WITH (MODULUS 4, REMAINDER %s)',
          parent || '_' || part, parent, part);
        PERFORM public.guard_table(('public.' || parent || '_' || part)::regclass);
      END LOOP;
      made := made + 1;
    END IF;
    month := (month + interval '1 month')::date;
  END LOOP;
  RETURN made;
END $$;

-- After a bulk load the planner must see the new rows, and ANALYZE is for the owner (MAINTAIN is newer than 15).
-- A coarse sample of what plans ask for: a finer one of every partition takes as long as a small import.
CREATE FUNCTION analyze_imported() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public SET default_statistics_target = 20 AS $$
BEGIN
  ANALYZE public.events (shop_id, shopper_id, at, type, product_id), public.products, public.shoppers,
    public.shopper_identities (shop_id, kind, shopper_id), public.dirty_shoppers, vault.shopper_keys (shop_id, shopper_id);
END $$;

REVOKE EXECUTE ON FUNCTION list_shop_ids(), shop_id_of(text), ensure_shop(text), ensure_event_partitions(timestamptz, timestamptz), analyze_imported() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION list_shop_ids(), shop_id_of(text), ensure_shop(text), ensure_event_partitions(timestamptz, timestamptz), analyze_imported() TO throughline_app;

-- What a storefront request reads of a shopper, in one statement and so in one round trip: the transaction is the
-- statement, and the shop holds for it alone. They run as the caller, under the same row-level security.
CREATE FUNCTION find_person(of_shop integer, kinds text[], blinds bytea[]) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE found_person bigint;
BEGIN
  PERFORM set_config('app.shop_id', of_shop::text, true);
  SELECT coalesce(s.merged_into, s.shopper_id) INTO found_person
  FROM unnest(kinds, blinds) WITH ORDINALITY AS g (kind, blind, place)
  JOIN shopper_identities i ON i.shop_id = of_shop AND i.kind = g.kind AND i.blind = g.blind
  JOIN shoppers s ON s.shop_id = of_shop AND s.shopper_id = i.shopper_id
  ORDER BY g.place LIMIT 1;
  RETURN found_person;
END $$;

-- The person of the surest name, the last events of everyone joined to a person of any of the names, and what they
-- bought and did not give back. Types 17 and 18 are purchase and refund.
CREATE FUNCTION shopper_history(of_shop integer, kinds text[], blinds bytea[], newest integer,
  OUT person bigint, OUT bot boolean, OUT events json, OUT bought integer[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE
  persons bigint[];
  members bigint[];
BEGIN
  PERFORM set_config('app.shop_id', of_shop::text, true);
  SELECT array_agg(coalesce(s.merged_into, s.shopper_id) ORDER BY g.place) INTO persons
  FROM unnest(kinds, blinds) WITH ORDINALITY AS g (kind, blind, place)
  JOIN shopper_identities i ON i.shop_id = of_shop AND i.kind = g.kind AND i.blind = g.blind
  JOIN shoppers s ON s.shop_id = of_shop AND s.shopper_id = i.shopper_id;
  person := persons[1];
  SELECT array_agg(m.shopper_id), coalesce(bool_or(m.bot), false) INTO members, bot FROM (
    SELECT s.shopper_id, s.bot FROM shoppers s WHERE s.shop_id = of_shop AND s.shopper_id = ANY (persons)
    UNION SELECT s.shopper_id, s.bot FROM shoppers s WHERE s.shop_id = of_shop AND s.merged_into = ANY (persons)
  ) m;
  SELECT json_agg(json_build_array(r.type, extract(epoch FROM r.at) * 1000, extract(epoch FROM r.received_at) * 1000,
      r.product_id, r.price_cents, r.quantity, r.source)) INTO events
  FROM (
    SELECT e.* FROM unnest(members) AS m (shopper_id) CROSS JOIN LATERAL (
      SELECT e.type, e.at, e.received_at, e.product_id, e.price_cents, e.quantity, e.source
      FROM public.events e WHERE e.shop_id = of_shop AND e.shopper_id = m.shopper_id
      ORDER BY e.at DESC LIMIT newest) e
    ORDER BY e.at DESC LIMIT newest
  ) r;
  SELECT array_agg(b.product_id) INTO bought FROM (
    SELECT e.product_id FROM public.events e
    WHERE e.shop_id = of_shop AND e.shopper_id = ANY (members) AND e.type IN (17, 18) AND e.product_id IS NOT NULL
    GROUP BY e.product_id
    HAVING sum(CASE e.type WHEN 17 THEN 1 ELSE -1 END * coalesce(e.quantity, 1)) > 0
  ) b;
END $$;

REVOKE EXECUTE ON FUNCTION find_person(integer, text[], bytea[]), shopper_history(integer, text[], bytea[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_person(integer, text[], bytea[]), shopper_history(integer, text[], bytea[], integer) TO throughline_app;
