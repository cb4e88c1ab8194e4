/** What Shopify asks of the query of a bulk operation, in its own words where they are known. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
  validate,
} from "graphql"

const MOST_CONNECTIONS = 5
const DEEPEST = 2

/** A node type's selection in a connection. */
export type ConnectionPlan = {
  /** Names in the answer on the way from the node before to this connection. */
  path: string[]
  /** Whether the query went through `edges` or `nodes`, by their names in the answer. */
  through: { edges: string; node: string } | { nodes: string }
  children: ConnectionPlan[]
}

export type BulkPlan = { document: DocumentNode; root: ConnectionPlan }

/** @throws GraphQLError with the reason for a user error */
export function planBulk(query: string, schema: GraphQLSchema): BulkPlan {
  const document = readDocument(query)
  const errors = validate(schema, document)
  if (errors[0]) throw errors[0]
  const [operation, ...more] = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
  if (!operation || more.length > 0 || operation.operation !== "query")
    throw new GraphQLError("Bulk queries must be a single query operation.")
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  )
  const queryType = schema.getQueryType() as GraphQLObjectType
  const fields = fieldsOf(operation.selectionSet, fragments)
  if (fields.length > 1) throw new GraphQLError("Bulk queries can only have a single top-level field.")
  const reader = { schema, fragments, count: 0 }
  const plans = connectionsIn(operation.selectionSet, queryType, [], 1, false, reader)
  const [root] = plans
  if (!root) throw new GraphQLError("Bulk queries must contain at least one connection.")
  if (reader.count > MOST_CONNECTIONS)
    throw new GraphQLError(`Bulk queries cannot contain more than ${MOST_CONNECTIONS} connections.`)
  if (root.path.length > 1 || plans.length > 1)
    throw new GraphQLError("The simulated shop runs bulk queries whose top-level field is a connection.")
  return { document, root }
}

function readDocument(query: string): DocumentNode {
  try {
    return parse(query)
  } catch (error) {
    throw new GraphQLError(`Invalid bulk query: ${(error as Error).message}`)
  }
}

type Reader = {
  schema: GraphQLSchema
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
  count: number
}

function connectionsIn(
  selection: SelectionSetNode | undefined,
  parent: string | GraphQLObjectType,
  path: string[],
  depth: number,
  inList: boolean,
  reader: Reader,
): ConnectionPlan[] {
  const type = typeof parent === "string" ? reader.schema.getType(parent) : parent
  if (!selection || !(isObjectType(type) || isInterfaceType(type))) return []
  return fieldsOf(selection, reader.fragments, type.name).flatMap(({ field, on }) => {
    const owner = reader.schema.getType(on)
    const definition =
      isObjectType(owner) || isInterfaceType(owner) ? owner.getFields()[field.name.value] : undefined
    if (!definition) return []
    const named = getNamedType(definition.type)
    const here = [...path, answerName(field)]
    if (!named.name.endsWith("Connection")) {
      const list = inList || isListType(getNullableType(definition.type))
      return connectionsIn(field.selectionSet, named.name, here, depth, list, reader)
    }
    if (inList)
      throw new GraphQLError(
        "Queries that contain a connection field within a list field are not currently supported.",
      )
    if (depth > DEEPEST)
      throw new GraphQLError(
        `Bulk queries cannot contain connections with a nesting depth greater than ${DEEPEST}.`,
      )
    reader.count++
    return [planConnection(field, named.name, here, depth, reader)]
  })
}

function planConnection(
  field: FieldNode,
  connectionType: string,
  path: string[],
  depth: number,
  reader: Reader,
): ConnectionPlan {
  const parts = fieldsOf(field.selectionSet, reader.fragments)
  const edges = parts.find(({ field: one }) => one.name.value === "edges")?.field
  const nodes = parts.find(({ field: one }) => one.name.value === "nodes")?.field
  const node = edges
    ? fieldsOf(edges.selectionSet, reader.fragments).find(({ field: one }) => one.name.value === "node")
        ?.field
    : nodes
  if (!node)
    throw new GraphQLError(`Bulk query connections must select nodes: “${field.name.value}” selects none.`)
  const connection = reader.schema.getType(connectionType)
  const nodeType = isObjectType(connection) ? connection.getFields().nodes?.type : undefined
  const typeName = nodeType ? getNamedType(nodeType).name : ""
  const children = connectionsIn(node.selectionSet, typeName, [], depth + 1, false, reader)
  const hasId = fieldsOf(node.selectionSet, reader.fragments).some(
    ({ field: one }) => one.name.value === "id" && !one.alias,
  )
  if (children.length > 0 && !hasId)
    throw new GraphQLError(
      `The parent 'node' field for a nested connection must select the 'id' field without an alias and must be of 'ID' return type. Connection fields without 'id': ${field.name.value}.`,
    )
  const through = edges ? { edges: answerName(edges), node: answerName(node) } : { nodes: answerName(node) }
  return { path, through, children }
}

const answerName = (field: FieldNode) => field.alias?.value ?? field.name.value

/** Fields of a selection, fragments opened; `on` is the type that each is read from. */
function fieldsOf(
  selection: SelectionSetNode | undefined,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  on = "",
): { field: FieldNode; on: string }[] {
  return (selection?.selections ?? []).flatMap((node) => {
    switch (node.kind) {
      case Kind.FIELD:
        return [{ field: node, on }]
      case Kind.INLINE_FRAGMENT:
        return fieldsOf(node.selectionSet, fragments, node.typeCondition?.name.value ?? on)
      case Kind.FRAGMENT_SPREAD: {
        const fragment = fragments.get(node.name.value)
        return fieldsOf(fragment?.selectionSet, fragments, fragment?.typeCondition.name.value ?? on)
      }
      default:
        return node satisfies never
    }
  })
}
