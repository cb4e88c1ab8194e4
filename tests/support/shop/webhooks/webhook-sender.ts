/**
 * Sends webhooks as Shopify does: each change of the shop whose topic the app subscribed to becomes a signed message;
 * an answer other than 2xx within five seconds is tried again, eight times over four hours, and then given up.
 * Several messages of one action share their event id. What goes wrong on the way is for the knobs to say.
 */
import { randomUUID } from "node:crypto"
import { makeRandom } from "../../demo-shop/random.ts"
import { webhookHeaders } from "../sign-webhook.ts"
import type { ShopChange } from "../state/change.ts"
import type { ShopState } from "../state.ts"
import { payloadOf } from "./message-of-change.ts"
import { CALM, type SenderKnobs } from "./sender-knobs.ts"
import { readSubscriptions, type Subscriptions } from "./subscriptions.ts"

/** Shopify's own: five seconds for an answer; eight retries, each after twice the time of the one before, in 4 h. */
const TIMEOUT_MS = 5_000
const RETRIES = 8
const RETRIES_TAKE_MS = 4 * 3_600_000
const FIRST_RETRY_MS = RETRIES_TAKE_MS / (2 ** RETRIES - 1)

/** They come whether the app is there (any more) or not. */
const COMES_AFTER_UNINSTALL = new Set([
  "app/uninstalled",
  "customers/data_request",
  "customers/redact",
  "shop/redact",
])

export type TopicCounts = {
  /** Messages, each counted once. */
  sent: number
  acknowledged: number
  /** Requests beyond the first of a message that failed. */
  retried: number
  duplicated: number
  late: number
  /** By the knob: it never came. */
  lost: number
  /** After the last retry. */
  givenUp: number
}

export type WebhookSender = {
  knobs: SenderKnobs
  counts(): { total: TopicCounts; byTopic: ReadonlyMap<string, TopicCounts> }
  /** Messages on their way: waiting, late, or to be tried again. */
  underWay(): number
  /** Resolves when nothing is on its way any more. */
  settled(): Promise<void>
  /** Told after each message that was acknowledged. */
  onAcknowledged(listener: (topic: string) => void): void
  stop(): void
}

type Message = {
  topic: string
  body: string
  webhookId: string
  eventId: string
  triggeredAtMs: number
  attempts: number
  /** A second copy: what becomes of it changes nothing. */
  copy: boolean
}

export function startWebhookSender(options: {
  state: ShopState
  appUrl: string | (() => string)
  subscriptions?: Subscriptions
  knobs?: Partial<SenderKnobs>
}): WebhookSender {
  const { state } = options
  const { topics, path, apiVersion } = options.subscriptions ?? readSubscriptions()
  const knobs = { ...CALM, ...options.knobs }
  const random = makeRandom(`webhooks ${knobs.seed}`)
  const total = noCounts()
  const byTopic = new Map<string, TopicCounts>()
  const ready: Message[] = []
  const timers = new Set<ReturnType<typeof setTimeout>>()
  const waiting: (() => void)[] = []
  const listeners: ((topic: string) => void)[] = []
  let inFlight = 0
  let ended = false
  let eventId: string | undefined

  const count = (topic: string, name: keyof TopicCounts) => {
    const counts = byTopic.get(topic) ?? noCounts()
    byTopic.set(topic, counts)
    counts[name]++
    total[name]++
  }
  const underWay = () => ready.length + timers.size + inFlight

  const unsubscribe = state.onChange((change) => {
    if (!topics.has(change.topic)) return
    if (state.store.installation.installedAtMs === null && !COMES_AFTER_UNINSTALL.has(change.topic)) return
    accept(change)
  })

  function accept(change: ShopChange): void {
    if (eventId === undefined) {
      eventId = randomUUID()
      // One action tells all its changes before anything else runs.
      queueMicrotask(() => {
        eventId = undefined
      })
    }
    const message: Message = {
      topic: change.topic,
      body: JSON.stringify(payloadOf(state.store, change)),
      webhookId: randomUUID(),
      eventId,
      triggeredAtMs: change.atMs,
      attempts: 0,
      copy: false,
    }
    count(change.topic, "sent")
    if (random.chance(knobs.lossShare)) {
      count(change.topic, "lost")
      return
    }
    const late = random.chance(knobs.lateShare)
    if (late) count(change.topic, "late")
    send(message, late ? random.unit() * knobs.lateMs : 0)
    if (random.chance(knobs.duplicateShare)) {
      count(change.topic, "duplicated")
      send({ ...message, copy: true }, random.unit() * (late ? knobs.lateMs : 1_000))
    }
  }

  function send(message: Message, afterMs: number): void {
    if (afterMs === 0) {
      ready.push(message)
      pump()
      return
    }
    const timer = setTimeout(() => {
      timers.delete(timer)
      ready.push(message)
      pump()
    }, afterMs / knobs.speed)
    timers.add(timer)
  }

  function pump(): void {
    while (!ended && inFlight < knobs.concurrency && ready.length > 0) {
      const [message] = ready.splice(knobs.shuffle ? random.integer(ready.length) : 0, 1)
      if (message) void attempt(message)
    }
    if (underWay() === 0) for (const done of waiting.splice(0)) done()
  }

  async function attempt(message: Message): Promise<void> {
    inFlight++
    const taken = await post(message)
    inFlight--
    if (!message.copy) settle(message, taken)
    pump()
  }

  function settle(message: Message, taken: boolean): void {
    if (taken) {
      count(message.topic, "acknowledged")
      for (const listener of listeners) listener(message.topic)
    } else if (message.attempts >= RETRIES) count(message.topic, "givenUp")
    else if (!ended) {
      count(message.topic, "retried")
      message.attempts++
      send(message, FIRST_RETRY_MS * 2 ** (message.attempts - 1))
    }
  }

  async function post(message: Message): Promise<boolean> {
    const { topic, body, webhookId, eventId: event, triggeredAtMs } = message
    const appUrl = typeof options.appUrl === "string" ? options.appUrl : options.appUrl()
    try {
      const response = await fetch(new URL(path, appUrl), {
        method: "POST",
        body,
        headers: webhookHeaders({
          topic,
          shop: state.store.shop.domain,
          body,
          // While a secret is rotated Shopify signs under the oldest that still counts.
          secret: state.store.installation.secrets.at(-1) ?? "",
          webhookId,
          eventId: event,
          triggeredAt: new Date(triggeredAtMs).toISOString().replace("Z", "000000Z"),
          apiVersion,
        }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: "manual",
      })
      await response.arrayBuffer()
      return response.ok
    } catch {
      // No answer is an answer too: the app is away, or slow.
      return false
    }
  }

  return {
    knobs,
    counts: () => ({ total, byTopic }),
    underWay,
    settled: () =>
      underWay() === 0 ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve)),
    onAcknowledged: (listener) => void listeners.push(listener),
    stop() {
      ended = true
      unsubscribe()
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
      ready.length = 0
      for (const done of waiting.splice(0)) done()
    },
  }
}

const noCounts = (): TopicCounts => ({
  sent: 0,
  acknowledged: 0,
  retried: 0,
  duplicated: 0,
  late: 0,
  lost: 0,
  givenUp: 0,
})
