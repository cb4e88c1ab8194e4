import type { EventType } from "../capture/event.ts"
import { joinVisitors, type LinkMember, NAMING_TYPES } from "../journey/joins.ts"

/** Which shoppers of a log in memory are one person, by the rule that a shop's database follows (journey/joins.ts). */
export type LogJoins = {
  /** Notes one event of a shopper, by number: what it names and where it met whom. */
  add(shopper: number, event: { type: EventType; session?: string; order?: string }): void
  /** For each shopper who is joined to a known one, that one. */
  targets(): Map<number, number>
}

const NAMING: ReadonlySet<EventType> = new Set(NAMING_TYPES)

export function openLogJoins(): LogJoins {
  const known = new Set<number>()
  // Nearly every link has one shopper: a set of its own for each would be most of the memory.
  const met = new Map<string, number | Set<number>>()
  const meet = (link: string, shopper: number) => {
    const before = met.get(link)
    if (before === undefined) met.set(link, shopper)
    else if (typeof before !== "number") before.add(shopper)
    else if (before !== shopper) met.set(link, new Set([before, shopper]))
  }
  return {
    add(shopper, { type, session, order }) {
      if (NAMING.has(type)) known.add(shopper)
      if (session !== undefined) meet(`session ${session}`, shopper)
      if (order !== undefined) meet(`order ${order}`, shopper)
    },
    targets() {
      const members: LinkMember[] = []
      for (const [link, shoppers] of met)
        if (typeof shoppers !== "number")
          for (const shopper of shoppers) {
            const id = String(shopper)
            members.push({ link, shopperId: id, personId: id, known: known.has(shopper) })
          }
      const targets = new Map<number, number>()
      for (const [shopper, person] of joinVisitors(members))
        if (person !== null) targets.set(Number(shopper), Number(person))
      return targets
    },
  }
}
