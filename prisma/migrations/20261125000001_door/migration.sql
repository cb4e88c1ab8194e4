-- What the doors ask across shops. As the others of their kind they give out a number and whether the app is there.

-- A shop that comes back is installed anew: what was said before then no longer counts.
CREATE OR REPLACE FUNCTION ensure_shop(shop_domain text) RETURNS integer LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public AS
$$ INSERT INTO public.shops AS s (domain) VALUES (shop_domain)
   ON CONFLICT (domain) DO UPDATE SET uninstalled_at = NULL,
     installed_at = CASE WHEN s.uninstalled_at IS NULL THEN s.installed_at ELSE now() END
   RETURNING shop_id $$;

CREATE OR REPLACE FUNCTION find_shop(shop_domain text, OUT shop_id integer, OUT installed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS
$$ SELECT s.shop_id, s.uninstalled_at IS NULL FROM public.shops s WHERE s.domain = shop_domain $$;

-- For what must go on after the app has left: requests of people, erasure, keys that fall due.
CREATE OR REPLACE FUNCTION list_left_shop_ids() RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS
$$ SELECT shop_id FROM public.shops WHERE uninstalled_at IS NOT NULL ORDER BY shop_id $$;

REVOKE EXECUTE ON FUNCTION find_shop(text), list_left_shop_ids() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_shop(text), list_left_shop_ids() TO throughline_app;

-- Takes a delivery in, in one statement: the transaction is the statement, and the shop holds for it alone. It runs as
-- the caller, under row-level security. Gives nothing back where the key of the day is not the one that sealed the
-- body: it was destroyed meanwhile, and what it sealed could not be read.
CREATE OR REPLACE FUNCTION accept_delivery(of_shop integer, of_door text, of_topic text, sender_id text,
  triggered timestamptz, version text, received timestamptz, sealed bytea, of_day date, wrapped_key bytea,
  OUT delivery bigint, OUT duplicate boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM set_config('app.shop_id', of_shop::text, true);
  IF NOT EXISTS (SELECT FROM vault.inbox_keys k
    WHERE k.shop_id = of_shop AND k.day = of_day AND k.wrapped = wrapped_key) THEN RETURN;
  END IF;
  INSERT INTO inbox (shop_id, door, topic, external_id, triggered_at, api_version, received_at, body, key_day)
  VALUES (of_shop, of_door, of_topic, sender_id, triggered, version, received, sealed, of_day)
  ON CONFLICT (shop_id, door, external_id) DO NOTHING RETURNING delivery_id INTO delivery;
  duplicate := delivery IS NULL;
  IF duplicate THEN
    SELECT i.delivery_id INTO delivery FROM inbox i
    WHERE i.shop_id = of_shop AND i.door = of_door AND i.external_id = sender_id;
  END IF;
END $$;

REVOKE EXECUTE ON FUNCTION accept_delivery(integer, text, text, text, timestamptz, text, timestamptz, bytea, date, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accept_delivery(integer, text, text, text, timestamptz, text, timestamptz, bytea, date, bytea) TO throughline_app;
