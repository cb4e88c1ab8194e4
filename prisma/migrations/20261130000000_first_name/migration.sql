-- As before, and the name by which the person was first known: what an experiment draws by, so that nobody changes
-- sides when the first event makes a person of a name.
DROP FUNCTION find_person(integer, text[], bytea[]);
CREATE FUNCTION find_person(of_shop integer, kinds text[], blinds bytea[], OUT person bigint, OUT first_name bytea)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM set_config('app.shop_id', of_shop::text, true);
  IF refuses_capture(of_shop, kinds, blinds) THEN RETURN; END IF;
  SELECT coalesce(s.merged_into, s.shopper_id) INTO person
  FROM unnest(kinds, blinds) WITH ORDINALITY AS g (kind, blind, place)
  JOIN shopper_identities i ON i.shop_id = of_shop AND i.kind = g.kind AND i.blind = g.blind
  JOIN shoppers s ON s.shop_id = of_shop AND s.shopper_id = i.shopper_id
  ORDER BY g.place LIMIT 1;
  -- Names told at once are taken as a request takes them: the surest first.
  SELECT i.blind INTO first_name
  FROM shopper_identities i WHERE i.shop_id = of_shop AND i.shopper_id = person
  ORDER BY i.created_at, coalesce(array_position(ARRAY['customer', 'source', 'browser'], i.kind), 4), i.kind, i.blind
  LIMIT 1;
END $$;

REVOKE EXECUTE ON FUNCTION find_person(integer, text[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_person(integer, text[], bytea[]) TO throughline_app;
