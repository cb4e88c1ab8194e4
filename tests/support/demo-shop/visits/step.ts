import type { EventType } from "../../../../app/capture/event.ts"
import type { Person } from "../people/person.ts"
import { LEAVE, STAGE_COUNT, stageIndex } from "./ledger.ts"

/** The hazards of a visit: from where the shopper is, the exact probability of every next step. */
export const ACTIONS = [
  "leave",
  "page_view",
  "collection_view",
  "search",
  "product_view",
  "recommendation_click",
  "favourite",
  "cart_add",
  "cart_remove",
  "cart_view",
  "login",
  "register",
  "checkout_start",
  "checkout_contact",
  "checkout_address",
  "checkout_shipping",
  "checkout_payment",
  "purchase",
] as const satisfies readonly ("leave" | EventType)[]
export type Action = (typeof ACTIONS)[number]

const ACTION_STAGE = ACTIONS.map((action) => (action === "leave" ? LEAVE : stageIndex(action)))

export type Place =
  | "home"
  | "list"
  | "product"
  | "added"
  | "cart"
  | "start"
  | "contact"
  | "address"
  | "shipping"
  | "payment"
  | "done"

/** What the next step depends on. All of it is hidden from the event file but for its traces. */
export type Moment = {
  place: Place
  person: Person
  /** Readiness to buy now, in logits: the person's, the errand's, the channel's and the day's. */
  intent: number
  /** Liking of the product on the page, in logits; 0 elsewhere. */
  liking: number
  steps: number
  products: number
  cartLines: number
  cartCents: number
  canBuy: boolean
  inCart: boolean
  wanted: boolean
  signedIn: boolean
  /** Has, or would open, an account with the shop. */
  account: boolean
  checkoutTries: number
  /** How far habits have turned to LATER_HABITS, 0 to 1. */
  turn: number
}

export const FREE_SHIPPING_CENTS = 5000
const CHECKOUT_PLACES = ["start", "contact", "address", "shipping", "payment"] as const
const CHECKOUT_NEXT = [
  "checkout_contact",
  "checkout_address",
  "checkout_shipping",
  "checkout_payment",
  "purchase",
] as const
/** Log odds of going on from each checkout step, for an average shopper. */
const CHECKOUT_RESOLVE = [1.5, 2.1, 2.2, 1.5, 2.4]

/**
 * What the drift world's shoppers come to do more and less than before: a factor on the weight of an action, wherever
 * they are. They search instead of strolling, follow what is recommended, put carts off and leave sooner.
 */
const LATER_HABITS = [
  ["leave", 1.2],
  ["search", 2.6],
  ["collection_view", 0.5],
  ["recommendation_click", 2.2],
  ["favourite", 2],
  ["cart_view", 0.6],
  ["checkout_start", 0.75],
] as const satisfies readonly (readonly [Action, number])[]

const at = Object.fromEntries(ACTIONS.map((action, index) => [action, index])) as Record<Action, number>
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

export type Hazards = {
  /** Over ACTIONS. */
  actions: Float64Array
  /** Over the stages, leaving last. */
  stages: Float64Array
}

export function makeHazards(): Hazards {
  return { actions: new Float64Array(ACTIONS.length), stages: new Float64Array(STAGE_COUNT + 1) }
}

function browseWeights(w: Float64Array, m: Moment): void {
  const tired = Math.exp(0.028 * m.steps - 0.16 * m.intent)
  const signIn = m.signedIn || !m.account ? 0 : 0.12 * m.person.signIn
  switch (m.place) {
    case "home":
      w[at.leave] = (m.steps <= 1 ? 1.05 : 0.42) * tired
      w[at.collection_view] = 1.1
      w[at.search] = 0.45
      w[at.product_view] = 0.55
      w[at.page_view] = 0.16
      w[at.login] = signIn * 3
      w[at.cart_view] = m.cartLines > 0 ? 0.5 : 0
      break
    case "list":
      w[at.leave] = (m.steps <= 1 ? 0.85 : 0.32) * tired
      w[at.product_view] = 2.3
      w[at.collection_view] = 0.42
      w[at.search] = 0.22
      w[at.page_view] = 0.07
      w[at.login] = signIn
      w[at.cart_view] = m.cartLines > 0 ? 0.16 : 0
      break
    case "product": {
      const keen = m.intent + 0.62 * m.liking - 2.05 + (m.wanted ? 0.5 : 0) + Math.min(0.5, 0.1 * m.products)
      w[at.leave] = (m.steps <= 1 ? 1.25 : 0.44) * tired
      w[at.product_view] = 1.15
      w[at.collection_view] = 0.4
      w[at.search] = 0.2
      w[at.recommendation_click] = 0.2
      w[at.page_view] = 0.1
      w[at.favourite] = m.signedIn ? 0.09 * sigmoid(m.liking - 1) : 0.02 * sigmoid(m.liking - 1)
      w[at.cart_add] =
        m.canBuy && !m.inCart ? (m.cartLines > 0 ? 0.28 : 0.09) * Math.exp(Math.min(2.4, keen - 1.7)) : 0
      w[at.cart_view] = m.cartLines > 0 ? 0.22 : 0
      w[at.login] = signIn * 0.6
      break
    }
    default:
      break
  }
}

function cartWeights(w: Float64Array, m: Moment): void {
  const ready = Math.exp(0.35 * m.intent)
  const short = m.cartCents < FREE_SHIPPING_CENTS ? 1 : 0
  switch (m.place) {
    case "added":
      w[at.leave] = 0.24 / ready
      w[at.cart_view] = 0.75
      w[at.checkout_start] = 0.3 * ready
      w[at.product_view] = 0.65 + 0.3 * short
      w[at.recommendation_click] = 0.4 + 0.15 * short
      w[at.collection_view] = 0.3
      w[at.search] = 0.12
      break
    case "cart":
      w[at.leave] = 0.8 / ready
      w[at.checkout_start] = m.cartLines > 0 ? 1.35 * ready : 0
      w[at.cart_remove] = m.cartLines > 0 ? 0.14 + 0.05 * m.cartLines : 0
      w[at.recommendation_click] = 0.12 + 0.1 * short
      w[at.collection_view] = 0.3 + 0.1 * short
      w[at.page_view] = 0.1
      w[at.product_view] = 0.16
      w[at.login] = m.signedIn || !m.account ? 0 : 0.5 * m.person.signIn
      break
    default:
      break
  }
}

function checkoutWeights(w: Float64Array, m: Moment, step: number): void {
  // Shipping costs show at the fourth step; they put off whoever minds the price and is below the free limit.
  const surprise =
    step === 3 && m.cartCents < FREE_SHIPPING_CENTS ? 0.9 * Math.min(2, m.person.priceSensitivity) : 0
  const go = sigmoid((CHECKOUT_RESOLVE[step] ?? 0) + 0.3 * m.intent - surprise + (m.signedIn ? 0.4 : 0))
  const stay = 1 - go
  w[at[CHECKOUT_NEXT[step] ?? "purchase"]] = go
  w[at.leave] = 0.66 * stay
  w[at.cart_view] = (m.checkoutTries < 3 ? 0.2 : 0.02) * stay
  w[at.product_view] = 0.05 * stay
  w[at.collection_view] = (surprise > 0 ? 0.25 : 0.05) * stay
  w[at.login] = step === 0 && !m.signedIn && m.account ? 0.4 * m.person.signIn : 0
}

/** Fills `hazards` with the exact probabilities of the next step, and with their sums by stage. */
export function hazardsAt(m: Moment, hazards: Hazards): Hazards {
  const w = hazards.actions.fill(0)
  const stages = hazards.stages.fill(0)
  const step = CHECKOUT_PLACES.indexOf(m.place as (typeof CHECKOUT_PLACES)[number])
  if (step >= 0) checkoutWeights(w, m, step)
  else if (m.place === "done") {
    w[at.leave] = 0.7
    w[at.page_view] = 0.2
    w[at.register] = m.account ? 0 : 0.12
    w[at.collection_view] = 0.06
  } else {
    browseWeights(w, m)
    cartWeights(w, m)
  }
  if (m.turn > 0)
    for (const [action, factor] of LATER_HABITS) w[at[action]] = (w[at[action]] ?? 0) * factor ** m.turn
  let total = 0
  for (let i = 0; i < w.length; i++) total += w[i] ?? 0
  for (let i = 0; i < w.length; i++) {
    const p = (w[i] ?? 0) / total
    w[i] = p
    const stage = ACTION_STAGE[i] ?? LEAVE
    stages[stage] = (stages[stage] ?? 0) + p
  }
  return hazards
}

/** Index in CHECKOUT_STEPS of the step after this place, or −1 outside checkout. */
export function checkoutStepAfter(place: Place): number {
  return CHECKOUT_PLACES.indexOf(place as (typeof CHECKOUT_PLACES)[number])
}

export function actionStage(action: number): number {
  return ACTION_STAGE[action] ?? LEAVE
}
