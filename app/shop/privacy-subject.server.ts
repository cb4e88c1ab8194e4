/** Whom a request of the compliance topics is about: what the request names, and which shoppers that is. */
import type pg from "pg"
import { z } from "zod"
import { blindIndex, type ShopKeys } from "./keys.server.ts"

/** Shopify's numbers, as text. */
const id = z.union([z.int().positive(), z.string().regex(/^\d{1,20}$/)]).transform(String)

const customer = z.object({
  id: id.nullish(),
  email: z.string().max(320).nullish(),
})

export const requestPayload = z.object({
  shop_domain: z.string(),
  customer: customer.nullish(),
  orders_requested: z.array(id).nullish(),
  orders_to_redact: z.array(id).nullish(),
  data_request: z.object({ id }).nullish(),
})

/** The customer's number and address, and the orders that the request counts as theirs. */
export const privacySubject = z.object({
  customerId: z.string().nullable(),
  email: z.string().nullable(),
  orderIds: z.array(z.string()),
})

export type PrivacySubject = z.infer<typeof privacySubject>

export function subjectOf(payload: z.infer<typeof requestPayload>): PrivacySubject {
  return {
    customerId: payload.customer?.id ?? null,
    email: payload.customer?.email?.trim().toLowerCase() || null,
    orderIds: [...new Set([...(payload.orders_requested ?? []), ...(payload.orders_to_redact ?? [])])],
  }
}

/** Names of the subject with their blind indexes. */
export function subjectNames(keys: ShopKeys, subject: PrivacySubject): { kind: string; blind: Buffer }[] {
  const names = [
    { kind: "customer", name: subject.customerId },
    { kind: "email", name: subject.email },
  ]
  return names.flatMap(({ kind, name }) =>
    name === null ? [] : [{ kind, blind: blindIndex(keys, kind, name) }],
  )
}

/**
 * All shoppers who are this person: who bears one of the names or placed one of the orders, whom they were joined to,
 * and everyone else joined to that one (their browsers). The person comes first.
 */
export async function findSubject(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  keys: ShopKeys,
  subject: PrivacySubject,
): Promise<string[]> {
  const names = subjectNames(keys, subject)
  const { rows } = await client.query<{ shopper_id: string }>(
    `WITH named AS (
       SELECT i.shopper_id FROM unnest($2::text[], $3::bytea[]) AS g (kind, blind)
       JOIN shopper_identities i ON i.shop_id = $1 AND i.kind = g.kind AND i.blind = g.blind
       UNION
       SELECT r.shopper_id FROM shop_records r
       WHERE r.shop_id = $1 AND r.kind = 'order' AND r.record_key = ANY ($4) AND r.shopper_id IS NOT NULL
     ), persons AS (
       SELECT DISTINCT coalesce(s.merged_into, s.shopper_id) AS root
       FROM named JOIN shoppers s ON s.shop_id = $1 AND s.shopper_id = named.shopper_id
     )
     SELECT s.shopper_id FROM persons
     JOIN shoppers s ON s.shop_id = $1 AND (s.shopper_id = root OR s.merged_into = root)
     ORDER BY s.merged_into IS NOT NULL, s.shopper_id`,
    [shopId, names.map(({ kind }) => kind), names.map(({ blind }) => blind), subject.orderIds],
  )
  return rows.map((row) => row.shopper_id)
}
