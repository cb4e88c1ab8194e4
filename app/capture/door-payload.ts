/**
 * What the doors that anyone can knock at (theme blocks, web pixel) may deliver. Such an event selects a shop and
 * proves nothing: it can neither name a person (register, login, contact), nor a sale or a refund, nor a price. Who
 * the shopper is, the route says: a customer only where Shopify signed the request.
 */
import { z } from "zod"
import { EVENT_TYPES, type EventType, type PlainEvent } from "./event.ts"
import type { NameKind } from "./name-kind.ts"

const PROVING_TYPES = ["register", "login", "checkout_contact", "purchase", "refund"] as const
type ProvingType = (typeof PROVING_TYPES)[number]
const isOpen = (type: EventType): type is Exclude<EventType, ProvingType> =>
  !(PROVING_TYPES as readonly EventType[]).includes(type)
const OPEN_TYPES = EVENT_TYPES.filter(isOpen)

/** Older than this when it came, an event is a replay or a wrong clock. */
export const MAX_AGE_MS = 2 * 86_400_000
const MAX_AHEAD_MS = 5 * 60_000

const name = z.string().min(1).max(255).refine(isPlain, "NUL or half a character")
const event = z.strictObject({
  type: z.enum(OPEN_TYPES),
  /** Epoch milliseconds. */
  at: z.int().positive(),
  item: name.optional(),
  quantity: z.int().min(1).max(999).optional(),
  query: z.string().min(1).max(1_000).refine(isPlain, "NUL or half a character").optional(),
  source: name.optional(),
  id: name.optional(),
})
const payload = (kinds: readonly NameKind[]) =>
  z.strictObject({
    shopper: z.strictObject({ kind: z.enum(kinds), name }),
    session: name.optional(),
    events: z.array(event).min(1).max(200),
    cart: z.undefined().optional(),
  })

export type OpenDoor = "block" | "pixel"

const payloads = {
  // Nobody else knows a cart's token, which Shopify gives the browser: it joins the browser to who orders the cart.
  block: payload(["browser", "customer", "source"]).extend({ cart: name.optional() }),
  pixel: payload(["browser"]),
} satisfies Record<OpenDoor, unknown>

/** Why a delivery, or an event in it, was dropped. */
export type DropReason =
  | "bad_payload"
  | "bad_time"
  | "unknown_item"
  | "unhandled_topic"
  | "body_destroyed"
  /** The app left the shop before it was worked off. */
  | "uninstalled"
  /** Its shopper was erased after it came. */
  | "erased_person"

export type DoorDelivery = {
  names: NameKind
  /** Its name in the clear. */
  shopper: string
  events: PlainEvent[]
  badTime: number
  /** Token of the browser's cart. */
  cart: string | undefined
}

/** @returns the events, or the reason to drop all of it. Times a little ahead are taken for the time of arrival. */
export function parseDoorPayload(
  door: OpenDoor,
  body: string,
  receivedMs: number,
): DoorDelivery | DropReason {
  const result = payloads[door].safeParse(parseJson(body))
  if (!result.success) return "bad_payload"
  const { shopper, session, events: given, cart } = result.data
  const events = given
    .filter(({ at }) => at >= receivedMs - MAX_AGE_MS && at <= receivedMs + MAX_AHEAD_MS)
    .map(({ at, ...rest }) => ({ ...rest, shopper: shopper.name, session, atMs: Math.min(at, receivedMs) }))
  return { names: shopper.kind, shopper: shopper.name, events, badTime: given.length - events.length, cart }
}

function isPlain(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Bad input is data: undefined fails the schema, and the delivery is dropped with that reason.
    return undefined
  }
}
