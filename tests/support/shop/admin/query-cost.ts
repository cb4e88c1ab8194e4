/**
 * What a query costs, by Shopify's published rules: an object 1, a connection 2 and as many nodes as were asked for, a
 * mutation 10, a scalar nothing. The requested cost is known beforehand, the actual one from what was given.
 */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql"

const CONNECTION_COST = 2
const MUTATION_COST = 10
export const MOST_OF_ONE_QUERY = 1000

/** Points of one value of a composite type, as a field of `parent` gives it. */
export function fieldCost(parent: string, type: string): number {
  if (parent === "Mutation") return MUTATION_COST
  if (type.endsWith("Connection")) return CONNECTION_COST
  if (type.endsWith("Edge") || type === "PageInfo" || parent.endsWith("Payload")) return 0
  return 1
}

type Asked = {
  schema: GraphQLSchema
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
  variables: Readonly<Record<string, unknown>>
}

/** @throws GraphQLError where one query asks for more than the bucket could ever hold */
export function requestedCost(operation: OperationDefinitionNode, asked: Asked): number {
  const root =
    operation.operation === "mutation" ? asked.schema.getMutationType() : asked.schema.getQueryType()
  const cost = selectionCost(operation.selectionSet, root?.name ?? "", asked)
  if (cost > MOST_OF_ONE_QUERY)
    throw new GraphQLError(
      `Query cost is ${cost}, which exceeds the single query max cost limit (${MOST_OF_ONE_QUERY}).`,
      { extensions: { code: "MAX_COST_EXCEEDED", cost, maxCost: MOST_OF_ONE_QUERY } },
    )
  return cost
}

function selectionCost(selection: SelectionSetNode | undefined, typeName: string, asked: Asked): number {
  let cost = 0
  for (const node of selection?.selections ?? [])
    switch (node.kind) {
      case Kind.FIELD:
        cost += costOf(node, typeName, asked)
        break
      case Kind.INLINE_FRAGMENT:
        cost += selectionCost(node.selectionSet, node.typeCondition?.name.value ?? typeName, asked)
        break
      case Kind.FRAGMENT_SPREAD: {
        const fragment = asked.fragments.get(node.name.value)
        cost += selectionCost(fragment?.selectionSet, fragment?.typeCondition.name.value ?? typeName, asked)
        break
      }
      default:
        node satisfies never
    }
  return cost
}

function costOf(node: FieldNode, typeName: string, asked: Asked): number {
  const parent = asked.schema.getType(typeName)
  if (!isObjectType(parent) && !isInterfaceType(parent)) return 0
  const field = parent.getFields()[node.name.value]
  const type = field && getNamedType(field.type)
  if (!field || !type || !isCompositeType(type)) return 0
  const own = fieldCost(typeName, type.name)
  const inside = selectionCost(node.selectionSet, type.name, asked)
  if (type.name.endsWith("Connection")) {
    const size = Number(argument(node, "first", asked) ?? argument(node, "last", asked) ?? 0)
    return own + size * inside
  }
  if (!isListType(getNullableType(field.type)) || type.name.endsWith("Edge")) return own + inside
  const ids = argument(node, "ids", asked)
  // Of a list without a size nobody knows beforehand how much comes: it counts as one.
  const size = Array.isArray(ids) ? ids.length : Number(argument(node, "first", asked) ?? 1)
  return typeName.endsWith("Connection") ? own + inside : size * (own + inside)
}

function argument(node: FieldNode, name: string, { variables }: Asked): unknown {
  const value = node.arguments?.find((one) => one.name.value === name)?.value
  switch (value?.kind) {
    case Kind.INT:
      return Number(value.value)
    case Kind.VARIABLE:
      return variables[value.name.value]
    case Kind.LIST:
      return value.values
    default:
      return undefined
  }
}
