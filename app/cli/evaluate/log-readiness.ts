import type { AsideCounts } from "../../capture/aside-file.server.ts"
import type { PlainLog } from "../../features/plain-log.ts"
import type { FileRead } from "../../features/read-rows.server.ts"
import { type Asked, cases } from "./log-cases.ts"
import type { LogFacts } from "./log-facts.ts"
import { count, counted, dayOf, type Finding, percent } from "./readiness.ts"

const ASIDE_WARNING = 0.01
const ASIDE_REFUSED = 0.5

type Read = {
  log: Pick<PlainLog, "currencies" | "joinedShoppers" | "repeatedIds">
  events: FileRead
  items: FileRead | null
}

/** What was found in a log, in the order in which it is told. */
export function logReadiness(facts: LogFacts, read: Read, asked: Asked): Finding[] {
  return [
    size(facts),
    ...aside("events", read.events),
    ...(read.items === null ? [] : aside("items", read.items)),
    ...repeats(facts, read.log.repeatedIds),
    ...joins(read.log.joinedShoppers),
    ...cases(facts, asked),
    ...times(facts, asked),
    ...shoppers(facts),
    ...items(facts, asked, read.items !== null),
    ...prices(facts, asked, read.log.currencies),
    ...leaks(facts, asked),
  ]
}

function size(facts: LogFacts): Finding {
  if (facts.events === 0)
    return {
      level: "refused",
      subject: "events",
      sentence: "No event could be read. Look at the rows set aside for what is wrong with them.",
    }
  return {
    level: "fine",
    subject: "events",
    sentence: `${counted(facts.events, "event")} of ${counted(facts.shoppers, "shopper")} on ${counted(facts.items, "product")}, ${dayOf(facts.startMs)} to ${dayOf(facts.endMs)}.`,
  }
}

function aside(subject: string, { rowsRead, aside: counts, asideFile }: FileRead): Finding[] {
  const rows = Object.values(counts).reduce((sum, one) => sum + one, 0)
  if (rows === 0) return []
  const share = rows / Math.max(1, rowsRead)
  const level = share > ASIDE_REFUSED ? "refused" : share > ASIDE_WARNING ? "warning" : "mended"
  const remedy =
    level === "mended"
      ? "They are left out"
      : "They are left out; mend them at their source if they should count"
  return [
    {
      level,
      subject: `${subject}: noise`,
      sentence: `${percent(share)} of the rows (${count(rows)}) could not be read: ${reasonsOf(counts)}. ${remedy}${asideFile === null ? "" : `, and kept with line and reason in ${asideFile}`}.`,
    },
  ]
}

function reasonsOf(counts: AsideCounts): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, rows]) => `${reason} ${count(rows)}`)
    .join(", ")
}

function repeats(facts: LogFacts, repeatedIds: number): Finding[] {
  const found: Finding[] = []
  if (repeatedIds > 0)
    found.push({
      level: "mended",
      subject: "repeated ids",
      sentence: `${counted(repeatedIds, "event")} had the id of another. The earliest of each id stays.`,
    })
  const share = facts.identicalRows / Math.max(1, facts.events)
  if (share > 0.05)
    found.push({
      level: "warning",
      subject: "identical rows",
      sentence: `${percent(share)} of the events (${count(facts.identicalRows)}) repeat another to the letter${facts.byTheDay ? ", which a log by the day makes likely" : ""}. They count as repeats that happened; if an export doubled them, give each event its id.`,
    })
  return found
}

function joins(shoppers: number): Finding[] {
  if (shoppers === 0) return []
  return [
    {
      level: "mended",
      subject: "two names",
      sentence: `${counted(shoppers, "shopper")} without an account ${shoppers === 1 ? "shares" : "share"} a session or an order with one person who signed in or ordered, and ${shoppers === 1 ? "counts" : "count"} as that one.`,
    },
  ]
}

function times(facts: LogFacts, { split }: Asked): Finding[] {
  const found: Finding[] = []
  if (facts.events === 0) return found
  if (facts.startMs === facts.endMs)
    found.push({
      level: split === "time" ? "refused" : "warning",
      subject: "times",
      sentence: `All events are at one moment (${dayOf(facts.startMs)}). The order of the file is taken for theirs; give the times at which they happened.`,
    })
  else if (facts.byTheDay)
    found.push({
      level: "warning",
      subject: "times",
      sentence: `All times are of one time of day: the log is by the day. What happened within a day has no order${split === "leave-one-out" ? " but the file's" : ""}, and pace says nothing.`,
    })
  const [longest] = [...facts.holes].sort((a, b) => b.days - a.days)
  if (longest !== undefined) {
    const total = facts.holes.reduce((sum, hole) => sum + hole.days, 0)
    const others = facts.holes.length > 1 ? ` in ${facts.holes.length} gaps, the longest` : ","
    found.push({
      level: "warning",
      subject: "holes",
      sentence: `${counted(total, "day")} without any event${others} ${counted(longest.days, "day")} from ${dayOf(longest.fromMs)}, where a usual day has ${counted(facts.medianPerDay, "shopper")}. If the shop was open, export these days again.`,
    })
  }
  return found
}

function shoppers(facts: LogFacts): Finding[] {
  const found: Finding[] = []
  const busiest = facts.busiestShopper / Math.max(1, facts.events)
  if (facts.shoppers > 1 && busiest > 0.05 && facts.busiestShopper >= 100)
    found.push({
      level: "warning",
      subject: "one shopper",
      sentence: `One shopper has ${percent(busiest)} of all events (${count(facts.busiestShopper)}): a till, a test account or a crawler. Leave it out, or give each customer a name of their own.`,
    })
  const bots = facts.bots.events / Math.max(1, facts.events)
  if (facts.bots.shoppers > 0)
    found.push({
      level: bots > 0.01 ? "warning" : "fine",
      subject: "bots",
      sentence: `${counted(facts.bots.shoppers, "shopper")} with ${percent(bots)} of the events ${facts.bots.shoppers === 1 ? "behaves" : "behave"} as crawlers do. They stay in, so that figures compare; a trained shop leaves them out.`,
    })
  const single = facts.singleEventShoppers / Math.max(1, facts.shoppers)
  if (single > 0.5)
    found.push({
      level: "warning",
      subject: "single events",
      sentence: `${percent(single)} of the shoppers have a single event: nothing can be asked about them. If people come back under new names, join them first.`,
    })
  return found
}

function items(facts: LogFacts, { target, split }: Asked, hasFile: boolean): Finding[] {
  const found: Finding[] = []
  if (target !== "next-event" && target !== "next-basket") return found
  const share = facts.itemEventsWithoutText / Math.max(1, facts.itemEvents)
  if (!hasFile)
    found.push({
      level: "warning",
      subject: "no items file",
      sentence:
        "Products are known by their ids alone, so that new ones cannot be placed. Give --items with their titles.",
    })
  else if (share > 0)
    found.push({
      level: share > 0.05 ? "warning" : "fine",
      subject: "items without text",
      sentence: `${percent(share)} of the product events name a product without a line in the items file. It is known by its id alone.`,
    })
  const fresh = (facts.test?.newItemEvents ?? 0) / Math.max(1, facts.test?.itemEvents ?? 0)
  if (split === "time" && fresh > 0.1)
    found.push({
      level: "warning",
      subject: "new products",
      sentence: `${percent(fresh)} of the test part's product events are on products that no earlier event names. Only a model that reads their text can hit them.`,
    })
  return found
}

function prices(facts: LogFacts, { target }: Asked, currencies: ReadonlyMap<string, number>): Finding[] {
  const found: Finding[] = []
  const share = facts.purchaseLinesWithoutPrice / Math.max(1, facts.purchaseLines)
  if (target === "spend" && share > 0)
    found.push({
      level: share > 0.5 ? "refused" : "warning",
      subject: "prices missing",
      sentence: `${percent(share)} of the purchases have no price and count as 0. Give the column price of each purchase.`,
    })
  if (currencies.size > 1) {
    const [most] = [...currencies].sort(([, a], [, b]) => b - a)
    found.push({
      level: "warning",
      subject: "currencies",
      sentence: `Prices are in ${currencies.size} currencies (${[...currencies.keys()].sort().join(", ")}) and are taken as one. Convert them to ${most?.[0] ?? "one"} first.`,
    })
  }
  return found
}

function leaks(facts: LogFacts, { target, split }: Asked): Finding[] {
  const found: Finding[] = []
  if (split === "leave-one-out" && facts.startMs < facts.endMs)
    found.push({
      level: "warning",
      subject: "leak in time",
      sentence:
        "Leave-one-out learns from events that are later than some of those it predicts: it compares models, and flatters all of them. --split time shows what serving will give.",
    })
  if (target === "purchase")
    for (const { type, visits, share } of facts.tellTale)
      found.push({
        level: "warning",
        subject: "tells the answer",
        sentence: `Of ${count(visits)} visits with ${type}, ${percent(share)} go on to buy: after it the question answers itself. Figures by the number of events show what is known before.`,
      })
  return found
}
