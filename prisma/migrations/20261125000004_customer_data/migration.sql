-- Looks across shops, as few as the work on people's rights needs; they give out numbers and the ids of app keys.
CREATE POLICY owner_compares ON vault.redactions FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY owner_lists ON vault.shop_keys FOR SELECT TO CURRENT_USER USING (true);

-- Shops whose data knows fewer erasures than the ledger: an older backup came back.
CREATE FUNCTION list_shops_behind_ledger() RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS
$$ SELECT s.shop_id FROM public.shops s
   WHERE (SELECT count(*) FROM vault.redactions r WHERE r.shop_id = s.shop_id) > s.redactions_applied
   ORDER BY s.shop_id $$;

-- Under which of the app's keys each shop's key is wrapped.
CREATE FUNCTION list_shop_keys(OUT shop_id integer, OUT app_key_id text) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS
$$ SELECT k.shop_id, k.app_key_id FROM vault.shop_keys k ORDER BY k.shop_id $$;

-- Shops of which the vault holds a key or an erasure, whether or not the data has them.
CREATE FUNCTION list_vault_shop_ids() RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS
$$ SELECT shop_id FROM vault.shop_keys UNION SELECT shop_id FROM vault.redactions ORDER BY shop_id $$;

REVOKE EXECUTE ON FUNCTION list_shops_behind_ledger(), list_shop_keys(), list_vault_shop_ids() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION list_shops_behind_ledger(), list_shop_keys(), list_vault_shop_ids() TO throughline_app;

-- Whether anyone of these names took their consent to be captured back. The caller sees one shop alone.
CREATE FUNCTION refuses_capture(of_shop integer, kinds text[], blinds bytea[]) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS
$$ SELECT EXISTS (
     SELECT FROM unnest(kinds, blinds) AS g (kind, blind)
     JOIN shopper_identities i ON i.shop_id = of_shop AND i.kind = g.kind AND i.blind = g.blind
     JOIN consents c ON c.shop_id = of_shop AND c.shopper_id = i.shopper_id AND c.purpose = 'analytics' AND NOT c.granted) $$;

-- The same for a storefront request, in one round trip.
CREATE FUNCTION may_capture(of_shop integer, kinds text[], blinds bytea[]) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM set_config('app.shop_id', of_shop::text, true);
  RETURN NOT refuses_capture(of_shop, kinds, blinds);
END $$;

REVOKE EXECUTE ON FUNCTION refuses_capture(integer, text[], bytea[]), may_capture(integer, text[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION refuses_capture(integer, text[], bytea[]), may_capture(integer, text[], bytea[]) TO throughline_app;

-- As in the first migration; who took their consent back is nobody, and gets what everybody gets.
CREATE OR REPLACE FUNCTION find_person(of_shop integer, kinds text[], blinds bytea[]) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE found_person bigint;
BEGIN
  PERFORM set_config('app.shop_id', of_shop::text, true);
  IF refuses_capture(of_shop, kinds, blinds) THEN RETURN NULL; END IF;
  SELECT coalesce(s.merged_into, s.shopper_id) INTO found_person
  FROM unnest(kinds, blinds) WITH ORDINALITY AS g (kind, blind, place)
  JOIN shopper_identities i ON i.shop_id = of_shop AND i.kind = g.kind AND i.blind = g.blind
  JOIN shoppers s ON s.shop_id = of_shop AND s.shopper_id = i.shopper_id
  ORDER BY g.place LIMIT 1;
  RETURN found_person;
END $$;

-- The person of the surest name, the last events of everyone joined to a person of any of the names, and what they
-- bought and did not give back. Types 17 and 18 are purchase and refund.
CREATE OR REPLACE FUNCTION shopper_history(of_shop integer, kinds text[], blinds bytea[], newest integer,
  OUT person bigint, OUT bot boolean, OUT events json, OUT bought integer[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE
  persons bigint[];
  members bigint[];
BEGIN
  PERFORM set_config('app.shop_id', of_shop::text, true);
  bot := false;
  IF refuses_capture(of_shop, kinds, blinds) THEN RETURN; END IF;
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
