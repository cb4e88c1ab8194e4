/**
 * TypeScript types of what the app asks the Admin API and of what comes back, made by Shopify's own generator. The
 * schema is cut down first to what the app's operations name: the types of all of it would be some 100,000 lines.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative, resolve } from "node:path"
import {
  buildClientSchema,
  getNamedType,
  type IntrospectionQuery,
  type IntrospectionType,
  isInputObjectType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql"
import { adminOperations } from "./admin-operations.ts"
import { projectRoot } from "./set-up/project.mjs"
import { readShopifySchema } from "./shopify-schema.ts"

export type GeneratedFile = { path: string; content: string }

const FOLDER = "app/types"

export async function generateAdminTypes(): Promise<GeneratedFile[]> {
  // Tools of development: imported only where they are used.
  const { generate } = await import("@graphql-codegen/cli")
  const { ApiType, pluckConfig, preset } = await import("@shopify/api-codegen-preset")
  const folder = mkdtempSync(join(tmpdir(), "throughline-types-"))
  try {
    const schema = join(folder, "schema.json")
    writeFileSync(schema, JSON.stringify(reducedSchema(readShopifySchema("2026-07"))))
    const files: { filename: string; content: string }[] = await generate(
      {
        cwd: projectRoot,
        silent: true,
        errorsOnly: true,
        // Shopify's own; its type does not say what it does.
        pluckConfig: pluckConfig as object,
        generates: {
          [`${FOLDER}/admin.types.d.ts`]: {
            schema,
            plugins: ["typescript"],
            config: {
              enumsAsTypes: true,
              disableDescriptions: true,
              defaultScalarType: "string",
              scalars: { JSON: "unknown" },
            },
          },
          [`${FOLDER}/admin.generated.d.ts`]: {
            schema,
            preset,
            presetConfig: { apiType: ApiType.Admin },
            documents: [...new Set(adminOperations().map(({ file }) => file))],
          },
        },
      },
      false,
    )
    return files.map(({ filename, content }) => ({
      path: relative(projectRoot, resolve(projectRoot, filename)),
      content,
    }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Only the fields that the app's operations read, and the types and inputs that they lead to. */
function reducedSchema(whole: IntrospectionQuery): IntrospectionQuery {
  const { fields, types } = namesUsed(whole)
  const used = (list: readonly { name: string }[] | null) =>
    (list ?? []).filter(({ name }) => types.has(name))
  const kept = whole.__schema.types
    .filter(({ name }) => types.has(name))
    .map((type) => {
      switch (type.kind) {
        case "OBJECT":
        case "INTERFACE":
          return {
            ...type,
            fields: type.fields.filter(({ name }) => fields.has(`${type.name}.${name}`)),
            interfaces: used(type.interfaces),
            possibleTypes: type.kind === "INTERFACE" ? used(type.possibleTypes) : null,
          }
        case "UNION":
          return { ...type, possibleTypes: used(type.possibleTypes) }
        default:
          return type
      }
    })
  const { mutationType } = whole.__schema
  return {
    __schema: {
      ...whole.__schema,
      types: kept as IntrospectionType[],
      mutationType: types.has("Mutation") ? (mutationType ?? null) : null,
      directives: whole.__schema.directives.filter(({ name }) => name === "include" || name === "skip"),
    },
  }
}

function namesUsed(whole: IntrospectionQuery): { fields: Set<string>; types: Set<string> } {
  const schema = buildClientSchema(whole, { assumeValid: true })
  const fields = new Set<string>()
  const types = new Set(["QueryRoot", "Boolean", "String", "Int", "Float", "ID"])
  const addInput = (name: string) => {
    if (types.has(name)) return
    types.add(name)
    const type = schema.getType(name)
    if (isInputObjectType(type))
      for (const field of Object.values(type.getFields())) addInput(getNamedType(field.type).name)
  }
  const info = new TypeInfo(schema)
  for (const { text } of adminOperations())
    visit(
      parse(text),
      visitWithTypeInfo(info, {
        Field() {
          const parent = info.getParentType()
          const field = info.getFieldDef()
          if (!parent || !field) return
          types.add(parent.name)
          types.add(getNamedType(field.type).name)
          fields.add(`${parent.name}.${field.name}`)
          for (const argument of field.args) addInput(getNamedType(argument.type).name)
        },
        InlineFragment() {
          const type = info.getType()
          if (type) types.add(getNamedType(type).name)
        },
      }),
    )
  return { fields, types }
}
