/** Text of a shop as the database can hold it, and a product's HTML as plain text. */

declare global {
  // ES2024; Node has had it since 20, the compiler's library is older.
  interface String {
    toWellFormed(): string
  }
}

/** PostgreSQL's text and jsonb hold neither NUL nor half a surrogate pair. */
export function cleanText(text: string, maxLength: number): string {
  return text.replaceAll("\0", "").slice(0, maxLength).toWellFormed()
}

const ENTITIES: Record<string, string> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  ndash: "–",
  mdash: "—",
  hellip: "…",
  lsquo: "‘",
  rsquo: "’",
  ldquo: "“",
  rdquo: "”",
  bull: "•",
  middot: "·",
  times: "×",
  deg: "°",
  frac12: "½",
  eacute: "é",
  egrave: "è",
  agrave: "à",
  ccedil: "ç",
  uuml: "ü",
  ouml: "ö",
  auml: "ä",
  szlig: "ß",
  copy: "©",
  reg: "®",
  trade: "™",
  euro: "€",
  pound: "£",
}

const MAX_HTML = 200_000
const MAX_TEXT = 20_000

/**
 * What a reader of the page would read: no tags, no scripts, entities as their characters, white space as single
 * spaces. It is shown as text and read by a model, never put into a page as HTML.
 */
export function textOfHtml(html: string): string {
  const bare = html
    .slice(0, MAX_HTML)
    .replace(/<!--[\s\S]*?(-->|$)/g, " ")
    .replace(/<(script|style|template|noscript)\b[\s\S]*?(<\/\1\s*>|$)/gi, " ")
    .replace(/<\/?(b|i|u|em|strong|span|a|small|sub|sup|mark|font)\b[^<>]*>/gi, "")
    .replace(/<\/?[a-z][^<>]*>/gi, " ")
  const decoded = bare.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z][a-z0-9]{1,31});/gi, decodeEntity)
  return cleanText(decoded.replace(/\s+/g, " ").trim(), MAX_TEXT)
}

function decodeEntity(whole: string, body: string): string {
  if (!body.startsWith("#")) return Object.hasOwn(ENTITIES, body) ? (ENTITIES[body] ?? whole) : whole
  const code = /^#x/i.test(body) ? Number.parseInt(body.slice(2), 16) : Number.parseInt(body.slice(1), 10)
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : " "
}
