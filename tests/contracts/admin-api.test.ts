import { readFileSync } from "node:fs"
import { join } from "node:path"
import {
  getNamedType,
  isEnumType,
  isObjectType,
  NoDeprecatedCustomRule,
  parse,
  specifiedRules,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from "graphql"
import { describe, expect, test } from "vitest"
import { adminOperations } from "../../app/cli/admin-operations.ts"
import { generateAdminTypes } from "../../app/cli/admin-types.ts"
import { ADMIN_VERSIONS, type AdminVersion } from "../../app/cli/shopify-schema.ts"
import { filesUnder, projectRoot } from "../architecture/source.ts"
import { type Access, adminSchema, hasScope } from "../support/shop/admin/admin-schema.ts"

const operations = adminOperations().map(({ file, text }) => ({
  file,
  text,
  name: /\b(?:query|mutation)\s+(\w+)/.exec(text)?.[1] ?? text.trim().slice(0, 40),
}))

const manifest = readFileSync(join(projectRoot, "shopify.app.toml"), "utf8")
const scopes = (/^scopes = "([^"]*)"/m.exec(manifest)?.[1] ?? "").split(",")

/** Deprecated in favour of a field that the version which the app asks for does not have yet. */
const WITHOUT_SUCCESSOR = [
  {
    field: "CustomerPhoneNumber.marketingState",
    type: "CustomerPhoneNumber",
    successor: "smsMarketingConsent",
  },
  {
    field: "CustomerPhoneNumber.marketingUpdatedAt",
    type: "CustomerPhoneNumber",
    successor: "smsMarketingConsent",
  },
]

function problems(text: string, version: AdminVersion): string[] {
  const { schema } = adminSchema(version)
  return validate(schema, parse(text), [...specifiedRules, NoDeprecatedCustomRule])
    .map(({ message }) => message)
    .filter((message) => !WITHOUT_SUCCESSOR.some(({ field }) => message.includes(`${field} is deprecated`)))
}

/** Fields and types of an operation that none of the scopes lets the app read. */
function outOfScope(text: string, version: AdminVersion, granted: readonly string[]): string[] {
  const { schema, accessOfField, accessOfType } = adminSchema(version)
  const info = new TypeInfo(schema)
  const missing = new Set<string>()
  const check = (what: string, access: Access) => {
    if (access.scopes.length > 0 && !access.scopes.some((scope) => hasScope(granted, scope)))
      missing.add(`${what}: ${access.text}`)
  }
  visit(
    parse(text),
    visitWithTypeInfo(info, {
      Field() {
        const parent = info.getParentType()
        const field = info.getFieldDef()
        if (!parent || !field) return
        check(`${parent.name}.${field.name}`, accessOfField(parent.name, field.name))
        const type = getNamedType(field.type)
        if (isObjectType(type)) check(type.name, accessOfType(type.name))
      },
    }),
  )
  return [...missing]
}

test("the app's operations are found, and each has a name of its own", () => {
  expect(operations.length).toBeGreaterThan(0)
  const names = operations.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

test("an operation is written where the generator finds it: in a template literal without holes", () => {
  const others = filesUnder("app").filter(
    (path) =>
      /(?<!\.test)\.tsx?$/.test(path) &&
      !path.endsWith(".d.ts") &&
      /["']#graphql[^"']*\{|`#graphql[^`]*\$\{/.test(readFileSync(join(projectRoot, path), "utf8")),
  )
  expect(others).toEqual([])
})

describe.each(ADMIN_VERSIONS)("Admin API %s", (version) => {
  test.each(operations)("$name fits the schema and uses nothing deprecated", ({ text }) => {
    expect(problems(text, version)).toEqual([])
  })

  test.each(operations)("$name asks for nothing outside of the app's scopes", ({ text }) => {
    expect(outOfScope(text, version, scopes)).toEqual([])
  })
})

/** Topics as shopify.app.toml subscribes to them, without those that the law asks of every app. */
const topics = [...manifest.matchAll(/^topics = \[([^\]]*)\]/gm)].flatMap(([, list = ""]) =>
  [...list.matchAll(/"([^"]+)"/g)].map(([, topic = ""]) => topic),
)

/** Scopes of which a topic wants one, as its description says; null for a topic that Shopify does not have. */
function scopesOfTopic(topic: string, version: AdminVersion): string[] | null {
  const known = adminSchema(version).schema.getType("WebhookSubscriptionTopic")
  const value = isEnumType(known) ? known.getValue(topic.toUpperCase().replace("/", "_")) : undefined
  if (!value || value.deprecationReason) return null
  const wanted = value.description?.split(/Requires/)[1] ?? ""
  return wanted.match(/\bread_\w+/g) ?? []
}

/** A metafield may be written by who may write what it belongs to; the schema says so only in words. */
const neededByWords = operations.flatMap(({ text }) =>
  text.includes("metafieldsSet") ? ["write_products"] : [],
)

describe.each(ADMIN_VERSIONS)("webhook topics of API %s", (version) => {
  test("there are some", () => {
    expect(topics.length).toBeGreaterThan(20)
  })

  test.each(topics)("%s is one of Shopify's, within the app's scopes", (topic) => {
    const wanted = scopesOfTopic(topic, version)
    expect(wanted).not.toBeNull()
    expect(wanted?.length === 0 || wanted?.some((scope) => hasScope(scopes, scope))).toBe(true)
  })
})

test.each(scopes)("the scope %s is needed by an operation or a webhook", (scope) => {
  const without = scopes.filter((one) => one !== scope)
  const missed = [
    ...operations.flatMap(({ text }) => outOfScope(text, "2026-07", without)),
    ...topics.filter((topic) => {
      const wanted = scopesOfTopic(topic, "2026-07") ?? []
      return wanted.length > 0 && !wanted.some((one) => hasScope(without, one))
    }),
    ...neededByWords.filter((one) => !hasScope(without, one)),
  ]
  expect(missed).not.toEqual([])
})

test.each(WITHOUT_SUCCESSOR)(
  "$field is used only as long as nothing takes its place",
  ({ type, successor }) => {
    const known = adminSchema("2026-07").schema.getType(type)
    expect(isObjectType(known) && known.getFields()[successor]).toBeUndefined()
  },
)

test("the checks find what they are for", () => {
  expect(problems("{ shop { nonsense } }", "2026-07")[0]).toContain('Cannot query field "nonsense"')
  expect(problems("{ currentBulkOperation { id } }", "2026-07")[0]).toContain("deprecated")
  const text =
    "{ products(first: 1) { nodes { id resourcePublications(first: 1) { nodes { isPublished } } } } }"
  expect(outOfScope(text, "2026-07", scopes)[0]).toContain("read_publications")
  expect(scopesOfTopic("orders/nonsense", "2026-07")).toBeNull()
  expect(scopesOfTopic("carts/update", "2026-07")).toEqual(["read_orders"])
  expect(outOfScope("{ orders(first: 1) { nodes { id } } }", "2026-07", [])[0]).toContain("read_orders")
})

test("the types of the app's operations are as generated (npm run contracts writes them)", async () => {
  for (const { path, content } of await generateAdminTypes())
    expect(readFileSync(join(projectRoot, path), "utf8"), path).toBe(content)
})
