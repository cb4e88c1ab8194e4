import type { EventType, PlainEvent } from "../../../../app/capture/event.ts"
import { CURRENCY } from "../catalogue/catalogue.ts"
import { kindSpec } from "../catalogue/kinds.ts"
import { COMPLEMENTS, inStock, type Market, priceCentsAt, turnAt } from "../people/market.ts"
import { chooseProduct, liking } from "./choose.ts"
import { collectionPage, homePage, newErrand, pickKind, searchPage } from "./errand.ts"
import { LONGEST_PAUSE_MS, pauseMs, unitsOf } from "./habits.ts"
import { LEAVE, type Ledger, openVisit, recordCheckoutStep, recordStep, stageIndex } from "./ledger.ts"
import { type Browser, customerId, type Life, openBrowser } from "./life.ts"
import {
  ACTIONS,
  actionStage,
  checkoutStepAfter,
  hazardsAt,
  type Moment,
  makeHazards,
  type Place,
} from "./step.ts"

export type VisitPlan = {
  startMs: number
  source: string | undefined
  landing: EventType
  /** Product that the landing page is about, for product_view. */
  product?: number
  intent: number
  browser?: Browser
}

export type VisitResult = { endMs: number; ordered: boolean; browser: Browser }

const MOST_STEPS = 90

const hazards = makeHazards()
const sure = new Float64Array(6)

/** Plays one visit from its landing to its end, writing events and the account of their chances. */
export function runVisit(
  market: Market,
  seed: number,
  life: Life,
  plan: VisitPlan,
  ledger: Ledger,
): VisitResult {
  const { person, random } = life
  const browser = plan.browser ?? openBrowser(life, seed, plan.startMs)
  const session = `s${person.index.toString(36)}-${life.visits.toString(36)}`
  life.visits++
  let atMs = plan.startMs
  let signedIn = browser.keepsSignedIn && life.customer !== null
  let identified = signedIn
  let sawAnonymous = false
  let errand = life.errand ?? newErrand(life, pickKind(market, life, plan.source, atMs))
  life.errand = errand
  errand.visits++
  let place = "home" as Place
  let shown: number[] = []
  let current = -1
  let steps = 0
  let products = 0
  let checkoutTries = 0
  let ordered = false
  let reached = 0

  const send = (type: EventType, extra?: Partial<PlainEvent>) => {
    const shopper = identified && life.customer ? life.customer : browser.visitor
    if (!identified) sawAnonymous = true
    const event: PlainEvent = { shopper, type, atMs, ...extra, session }
    if (plan.source) event.source = plan.source
    event.id = `e${person.index.toString(36)}-${(life.events++).toString(36)}`
    life.emit(event)
  }
  const identify = () => {
    life.customer ??= customerId(seed, person)
    identified = true
    if (sawAnonymous) life.tied.add(browser.visitor)
  }
  const about = (index: number) => ({
    item: market.products[index]?.item ?? "",
    priceCents: priceCentsAt(market, index, atMs),
    currency: CURRENCY,
  })
  const look = (index: number) => {
    current = index
    products++
    place = "product"
    const liked = liking(market, person, errand, index, atMs)
    if (market.kindOf[index] === errand.kind) errand.seen.set(index, liked)
    send("product_view", about(index))
  }
  const cartCents = () => {
    let cents = 0
    for (const [index, units] of life.cart) cents += units * priceCentsAt(market, index, atMs)
    return cents
  }
  const open = (type: "collection_view" | "search") => {
    const page =
      type === "search"
        ? searchPage(market, life, errand, atMs)
        : collectionPage(market, life, errand.kind, atMs)
    shown = page.shown
    place = "list"
    send(type, { query: page.query })
  }

  const order = () => {
    const id = `LF${(10_000 + person.index).toString()}-${life.orders + 1}`
    for (const [index, units] of life.cart) {
      send("purchase", { ...about(index), quantity: units, order: id })
      const kind = market.kindOf[index]
      const lasts = kind ? kindSpec(kind).lastsDays : undefined
      if (lasts !== undefined)
        life.larder.push({
          index,
          dueMs: atMs + lasts * units ** 0.8 * Math.exp(0.25 * random.normal()) * 86_400_000,
        })
      life.lastBought = index
      if (random.chance(0.04)) {
        // Taken back days later, by the shop's own system: no visit, so no session.
        const refundMs = atMs + random.between(3, 20) * 86_400_000
        if (refundMs < market.endMs && life.customer)
          life.emit({
            shopper: life.customer,
            type: "refund",
            atMs: Math.round(refundMs),
            ...about(index),
            quantity: units,
            order: id,
            id: `e${person.index.toString(36)}-${(life.events++).toString(36)}`,
          })
      }
    }
    life.cart.clear()
    life.orders++
    ordered = true
    life.errand = null
    place = "done"
  }

  const land = () => {
    switch (plan.landing) {
      case "product_view":
        shown = collectionPage(market, life, errand.kind, atMs).shown
        look(plan.product ?? chooseProduct(market, person, errand, shown, -1, atMs, random, ledger))
        break
      case "collection_view":
      case "search":
        open(plan.landing)
        break
      case "cart_view":
        shown = collectionPage(market, life, errand.kind, atMs).shown
        place = "cart"
        send("cart_view")
        break
      default:
        shown = homePage(market, atMs)
        send("page_view")
    }
  }

  const act = (action: (typeof ACTIONS)[number]) => {
    switch (action) {
      case "leave":
        break
      case "page_view":
        if (place !== "done") {
          shown = homePage(market, atMs)
          place = "home"
        }
        send("page_view")
        break
      case "collection_view":
        if (place === "added" || place === "done" || random.chance(0.3)) {
          const next =
            place === "added" || random.chance(0.6)
              ? random.pick(COMPLEMENTS[errand.kind])
              : pickKind(market, life, plan.source, atMs)
          errand = {
            ...newErrand(life, next),
            family: random.chance(0.7) ? errand.family : random.pick(person.scheme),
            visits: 1,
          }
          if (!ordered) life.errand = errand
        }
        open("collection_view")
        break
      case "search":
        open("search")
        break
      case "product_view":
        if (place === "added" && random.chance(0.5)) {
          // The page of a thing in the cart shows what goes with it.
          shown = (market.companions[current] ?? []).filter(
            (index) => (market.products[index]?.launchMs ?? 0) <= atMs,
          )
        }
        if (shown.length < 2) shown = collectionPage(market, life, errand.kind, atMs).shown
        look(chooseProduct(market, person, errand, shown, current, atMs, random, ledger))
        break
      case "recommendation_click": {
        const from = current >= 0 ? current : ([...life.cart.keys()][0] ?? 0)
        const near = (market.companions[from] ?? []).filter(
          (index) => (market.products[index]?.launchMs ?? 0) <= atMs,
        )
        const chosen = chooseProduct(
          market,
          person,
          errand,
          near.length > 1 ? near : shown,
          from,
          atMs,
          random,
          ledger,
        )
        send("recommendation_click", about(chosen))
        sure.fill(0)
        sure[1] = 1
        recordStep(ledger, atMs, reached, 1, 1, sure)
        atMs += 400 + random.integer(1200)
        steps++
        const kind = market.kindOf[chosen]
        if (kind && kind !== errand.kind && random.chance(0.4))
          errand = { ...newErrand(life, kind), family: errand.family, visits: 1 }
        look(chosen)
        break
      }
      case "favourite":
        life.favourites.add(current)
        send("favourite", about(current))
        break
      case "cart_add": {
        const units = unitsOf(market, life, current)
        life.cart.set(current, units)
        place = "added"
        send("cart_add", { ...about(current), quantity: units })
        break
      }
      case "cart_remove": {
        const index = random.pick([...life.cart.keys()])
        const units = life.cart.get(index) ?? 1
        life.cart.delete(index)
        place = "cart"
        send("cart_remove", { ...about(index), quantity: units })
        break
      }
      case "cart_view":
        place = "cart"
        send("cart_view")
        break
      case "login":
      case "register": {
        const first = life.customer === null || action === "register"
        identify()
        signedIn = true
        life.account = true
        browser.keepsSignedIn = random.chance(0.6)
        send(first ? "register" : "login")
        break
      }
      case "checkout_start":
        checkoutTries++
        place = "start"
        send(action)
        break
      case "checkout_contact":
        identify()
        place = "contact"
        send(action)
        break
      case "checkout_address":
        place = "address"
        send(action)
        break
      case "checkout_shipping":
        place = "shipping"
        send(action)
        break
      case "checkout_payment":
        place = "payment"
        send(action)
        break
      case "purchase":
        order()
        break
      default:
        action satisfies never
    }
  }

  land()
  let stage = stageIndex(plan.landing)
  reached = openVisit(ledger, stage)
  steps = 1
  for (;;) {
    const spent = cartCents()
    const moment: Moment = {
      place,
      person,
      intent: plan.intent + 0.12 * Math.min(4, errand.visits - 1),
      liking: place === "product" ? liking(market, person, errand, current, atMs) : 0,
      steps,
      products,
      cartLines: life.cart.size,
      cartCents: spent,
      canBuy: current >= 0 && inStock(market, current, atMs),
      inCart: life.cart.has(current),
      wanted: life.favourites.has(current),
      signedIn,
      account: life.account,
      checkoutTries,
      turn: turnAt(market, atMs),
    }
    const { actions, stages } = hazardsAt(moment, hazards)
    const mustEnd = steps >= MOST_STEPS || atMs > market.endMs - LONGEST_PAUSE_MS
    const drawn = mustEnd ? 0 : random.weighted(actions)
    const to = actionStage(drawn)
    if (!mustEnd) {
      const step = checkoutStepAfter(place)
      const action = ACTIONS[drawn] ?? "leave"
      if (step >= 0) {
        const next =
          step === 4
            ? "purchase"
            : (["checkout_contact", "checkout_address", "checkout_shipping", "checkout_payment"] as const)[
                step
              ]
        recordCheckoutStep(ledger, step, next ? (actions[ACTIONS.indexOf(next)] ?? 0) : 0, action === next)
      }
      reached = recordStep(ledger, atMs, reached, stage, to, stages)
    }
    if (to === LEAVE) break
    atMs += pauseMs(life, place)
    act(ACTIONS[drawn] ?? "leave")
    stage = to
    steps++
  }
  if (life.firstSeenMs === 0) life.firstSeenMs = plan.startMs
  life.lastSeenMs = atMs
  return { endMs: atMs, ordered, browser }
}
