/**
 * Which browser is which person. A shopper without a name is joined to the known one with whom they share a browser
 * session or an order: the same session before and after a login, at the checkout's contact, or on the order. With
 * several known people on the browser there is no telling who it was, so nobody is joined.
 *
 * The answer depends only on what was met together, not on the order in which it came in, so a join falls again
 * when a later event makes it ambiguous.
 */
import type { EventType } from "../capture/event.ts"

/** Events that say who someone is: an account, or the contact of a checkout or an order. */
export const NAMING_TYPES = [
  "register",
  "login",
  "checkout_contact",
  "purchase",
] as const satisfies readonly EventType[]

/** One shopper met under one link. */
export type LinkMember = {
  link: string
  shopperId: string
  /** The shopper themselves, or who they were merged into by their name (an identity, not an inference). */
  personId: string
  /** Whether that person is known. */
  known: boolean
}

/** A browser session holds a browser and who signed in on it; more than this is a shared id that tells nothing. */
export const MOST_SHOPPERS_A_LINK = 8

/** @returns for each shopper without a name in `members`, the person to join, or null to stand alone. */
export function joinVisitors(members: readonly LinkMember[]): Map<string, string | null> {
  const byLink = new Map<string, LinkMember[]>()
  for (const member of members) byLink.set(member.link, [...(byLink.get(member.link) ?? []), member])
  const met = new Map<string, Set<string>>()
  for (const member of members)
    if (!member.known && member.personId === member.shopperId && !met.has(member.shopperId))
      met.set(member.shopperId, new Set())
  for (const together of byLink.values()) {
    if (together.length > MOST_SHOPPERS_A_LINK) continue
    for (const member of together)
      if (member.known) for (const other of together) met.get(other.shopperId)?.add(member.personId)
  }
  return new Map(
    [...met].map(([shopperId, people]) => {
      const [only, second] = people
      return [shopperId, only !== undefined && second === undefined ? only : null]
    }),
  )
}
