import type { EventType } from "../capture/event.ts"
import type { MedianEstimate } from "./gap-histogram.ts"
import type { Segment } from "./segments.ts"
import type { Stage } from "./stages.ts"

export const STAGE_NAMES: Record<Stage, string> = {
  sign_in: "Sign in",
  browse: "Browse",
  cart: "Cart",
  checkout: "Checkout",
  purchase: "Purchase",
}

/** Short names, for where the stage is in sight. */
export const STEP_NAMES: Record<EventType, string> = {
  register: "Register",
  login: "Log in",
  page_view: "Page",
  collection_view: "Collection",
  search: "Search",
  product_view: "Product",
  recommendation_click: "Recommendation",
  cart_add: "Add to cart",
  cart_remove: "Remove",
  cart_view: "View cart",
  favourite: "Favourite",
  checkout_start: "Start",
  checkout_contact: "Contact",
  checkout_address: "Address",
  checkout_shipping: "Shipping",
  checkout_payment: "Payment",
  purchase: "Purchase",
  refund: "Refund",
}

const OWN_TITLES: Partial<Record<EventType, string>> = {
  cart_remove: "Remove from cart",
  checkout_start: "Start checkout",
}

/** A step's name where it stands alone. */
export function stepTitle(step: EventType): string {
  return OWN_TITLES[step] ?? STEP_NAMES[step]
}

const SEGMENT_NAMES: Record<string, string> = {
  all: "All visits",
  "visitors:new": "First visits",
  "visitors:returning": "Return visits",
  "identity:known": "Known shoppers",
  "identity:anonymous": "Anonymous shoppers",
  "lifecycle:prospect": "Before a first purchase",
  "lifecycle:new": "New customers",
  "lifecycle:active": "Active customers",
  "lifecycle:at_risk": "Customers at risk",
  "lifecycle:lapsed": "Lapsed customers",
  "lifecycle:won_back": "Customers won back",
}

export function segmentName(segment: Segment): string {
  return SEGMENT_NAMES[segment] ?? `From ${segment.replace(/^source:/, "")}`
}

const counts = new Intl.NumberFormat("en")

export function formatCount(count: number): string {
  return counts.format(count)
}

/** One decimal below 10%, none above; never "0%" for what did happen. */
export function formatShare(share: number): string {
  const percent = share * 100
  if (percent > 0 && percent < 0.1) return "< 0.1%"
  return `${percent === 0 || percent >= 9.95 ? percent.toFixed(0) : percent.toFixed(1)}%`
}

export function formatSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}

export function formatMedian(median: MedianEstimate | null): string {
  return median === null ? "no time known" : formatSeconds(median.seconds)
}

const days = new Intl.DateTimeFormat("en", {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
})

/** "3 Dec 2025 to 1 Jun 2026", days as YYYY-MM-DD. */
export function formatPeriod(from: string, to: string): string {
  return `${days.format(new Date(from))} to ${days.format(new Date(to))}`
}
