import { readFile } from "node:fs/promises"
import { z } from "zod"
import { EVENT_TYPES, type EventType } from "../../capture/event.ts"
import { AppError } from "../../errors.ts"

/** What a request to a path means. The first rule that fits counts. */
export type PathRule = {
  method: "GET" | "POST"
  /** On the decoded path. Its groups `item` and `order`, where it has them, name the product and the order. */
  path: RegExp
  type: EventType
  /** An answer that sends the browser on counts too (a form that was taken, the door of a checkout). */
  redirect?: boolean
  /** Name of the parameter that holds what was searched for. */
  query?: string
  /** The product is that of the page from which the request came: a form posts to an address without it. */
  itemOfReferrer?: boolean
}

const LOCALE = "^(?:/[a-z]{2}(?:-[a-z]{2})?)?"
const path = (rest: string) => new RegExp(`${LOCALE}${rest}/?$`, "i")

/** The addresses of a Shopify storefront, and of those that resemble it. */
export const DEFAULT_RULES: readonly PathRule[] = [
  { method: "GET", path: path("(?:/collections/[^/]+)?/products/(?<item>[^/.]+)"), type: "product_view" },
  { method: "GET", path: path("/collections(?:/[^.]*)?"), type: "collection_view" },
  { method: "GET", path: path("/search"), type: "search", query: "q" },
  {
    method: "POST",
    path: path("/cart/add(?:\\.js)?"),
    type: "cart_add",
    redirect: true,
    itemOfReferrer: true,
  },
  { method: "GET", path: path("/cart"), type: "cart_view" },
  {
    method: "GET",
    path: path("(?:/\\d+)?/(?:checkouts?|orders)/(?:[^/]+/)*?(?<order>[^/]+)/thank[-_]you"),
    type: "purchase",
  },
  { method: "GET", path: path("/(?:checkout/)?thank[-_]you"), type: "purchase" },
  {
    method: "GET",
    path: path("/checkouts?/(?:[^/]+/)*(?:contact|information)"),
    type: "checkout_contact",
  },
  { method: "GET", path: path("/checkouts?/(?:[^/]+/)*shipping"), type: "checkout_shipping" },
  { method: "GET", path: path("/checkouts?/(?:[^/]+/)*payment"), type: "checkout_payment" },
  { method: "GET", path: path("(?:/\\d+)?/checkouts?(?:/[^.]*)?"), type: "checkout_start", redirect: true },
  { method: "POST", path: path("/account/login"), type: "login", redirect: true },
  { method: "POST", path: path("/account(?:/register)?"), type: "register", redirect: true },
  { method: "GET", path: path("(?:/(?:account|pages|blogs|policies)(?:/[^.]*)?)?"), type: "page_view" },
]

const RuleFile = z
  .array(
    z.strictObject({
      path: z.string().transform((text, context) => {
        try {
          return new RegExp(text)
        } catch (error) {
          context.addIssue(`no regular expression (${error instanceof Error ? error.message : error})`)
          return z.NEVER
        }
      }),
      type: z.enum(EVENT_TYPES),
      method: z.enum(["GET", "POST"]).default("GET"),
      redirect: z.boolean().optional(),
      query: z.string().min(1).optional(),
      itemOfReferrer: z.boolean().optional(),
    }),
  )
  .min(1)

const EXAMPLE = '[{"path": "^/p/(?<item>\\\\d+)$", "type": "product_view"}]'

/** @throws AppError `bad_file` where the file is not a list of rules. */
export async function readRules(file: string): Promise<PathRule[]> {
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new AppError("bad_file", `${file} cannot be read (${cause.code}). Give --mapping a JSON file.`, {
      cause,
    })
  })
  return parseRules(text, file)
}

export function parseRules(text: string, file: string): PathRule[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new AppError("bad_file", `${file} is no JSON. Expected rules like ${EXAMPLE}`, { cause })
  }
  const parsed = RuleFile.safeParse(json)
  if (parsed.success) return parsed.data
  throw new AppError(
    "bad_file",
    `${file} does not hold path rules:\n${z.prettifyError(parsed.error)}\nExpected a list like ${EXAMPLE}`,
  )
}

export type PathMeaning = { rule: PathRule; item: string | undefined; order: string | undefined }

export function meaningOf(rules: readonly PathRule[], method: string, path: string): PathMeaning | null {
  for (const rule of rules) {
    if (rule.method !== method) continue
    const found = rule.path.exec(path)
    if (found) return { rule, item: found.groups?.item, order: found.groups?.order }
  }
  return null
}
