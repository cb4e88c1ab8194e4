/** Whether a log has enough to ask what is asked of it. */
import type { EvaluationTarget } from "../../features/time-cuts.ts"
import type { LogFacts } from "./log-facts.ts"
import type { Split } from "./options.ts"
import { count, type Finding } from "./readiness.ts"

/** Below it an interval is as wide as the figure. */
const LEAST_CASES = 30
/** Below it differences between models are seldom certain. */
const GOOD_CASES = 500
const LEAST_ITEMS = 10

export type Asked = { target: EvaluationTarget; split: Split }

/** How many questions the test part can ask. */
export function cases(facts: LogFacts, { target, split }: Asked): Finding[] {
  if (facts.events === 0) return []
  const needed = casesNeeded(facts, target, split)
  const found: Finding[] = needed.map(({ came, of, remedy }) => {
    if (came < LEAST_CASES)
      return {
        level: "refused",
        subject: "too little data",
        sentence: `${target} needs at least ${LEAST_CASES} ${of}; the log has ${count(came)}. ${remedy}`,
      }
    if (came < GOOD_CASES)
      return {
        level: "warning",
        subject: "little data",
        sentence: `${count(came)} ${of}: intervals will be wide, and small differences are not certain below some ${GOOD_CASES}.`,
      }
    return { level: "fine", subject: "cases", sentence: `${count(came)} ${of}.` }
  })
  const ranks = target === "next-event" || target === "next-basket"
  if (ranks && facts.items < LEAST_ITEMS)
    found.push({
      level: "refused",
      subject: "too few products",
      sentence: `A ranking needs at least ${LEAST_ITEMS} products; the log names ${count(facts.items)}. Give the column item of each event that is about a product.`,
    })
  return found
}

type Needed = { came: number; of: string; remedy: string }

function casesNeeded(facts: LogFacts, target: EvaluationTarget, split: Split): Needed[] {
  const longer = "Give a longer log, or an earlier --cut."
  switch (target) {
    case "next-event":
      return split === "leave-one-out"
        ? [
            {
              came: facts.longEnoughShoppers,
              of: "shoppers with three or more product events",
              remedy: "Give more shoppers, or longer histories.",
            },
          ]
        : [
            {
              came: facts.test?.questions ?? 0,
              of: "product events in the test part by shoppers seen before",
              remedy: longer,
            },
          ]
    case "next-basket":
      return [
        {
          came: facts.test?.buyersKnown ?? 0,
          of: "buyers in the test part who were seen before",
          remedy: `${facts.purchaseLines === 0 ? "The log has no event of the type purchase. " : ""}${longer}`,
        },
      ]
    case "purchase":
      return [
        {
          came: facts.visits.buying,
          of: "visits that go on to buy after their first event",
          remedy: facts.byTheDay
            ? "Times are by the day, so that no purchase is later than the rest of its visit. Give times to the minute."
            : "Give browsing and purchases in one log, under one shopper.",
        },
        { came: facts.visits.buyingInTest, of: "buying visits in the test part", remedy: longer },
      ]
    case "return":
      return [
        { came: facts.customers?.before ?? 0, of: "customers who bought before the test", remedy: longer },
        { came: facts.customers?.back ?? 0, of: "customers who buy again in the test", remedy: longer },
      ]
    case "spend":
      return [
        { came: facts.customers?.before ?? 0, of: "customers who bought before the test", remedy: longer },
        {
          came: facts.customers?.paying ?? 0,
          of: "customers who pay again in the test",
          remedy: "Give a price with each purchase, and a longer log.",
        },
      ]
    default:
      return target satisfies never
  }
}
