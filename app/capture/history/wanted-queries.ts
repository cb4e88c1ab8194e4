/**
 * Resources asked for one by one: what came in part. With these numbers of children a call of `NODES_A_CALL` stays
 * below Shopify's 1,000 points; a resource that has more of them is read on page by page.
 */

export const NODES_A_CALL = { product: 8, order: 3, refund: 20 } as const

export const WANTED_PRODUCTS = `#graphql
  query WantedProducts($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on Product {
        id title descriptionHtml productType vendor handle status publishedAt updatedAt
        featuredMedia { preview { image { url } } }
        variants(first: 40) {
          nodes { id price inventoryPolicy inventoryQuantity inventoryItem { id tracked } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }`

export const MORE_VARIANTS = `#graphql
  query MoreVariants($id: ID!, $after: String) {
    product(id: $id) {
      variants(first: 200, after: $after) {
        nodes { id price inventoryPolicy inventoryQuantity inventoryItem { id tracked } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }`

export const WANTED_ORDERS = `#graphql
  query WantedOrders($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on Order {
        id processedAt updatedAt cancelledAt currencyCode test sourceName cartToken checkoutToken email phone
        displayFinancialStatus displayFulfillmentStatus
        totalPriceSet { shopMoney { amount } }
        customer { id }
        lineItems(first: 15) {
          nodes {
            id quantity currentQuantity
            product { id }
            variant { id }
            originalUnitPriceSet { shopMoney { amount } }
            discountAllocations { allocatedAmountSet { shopMoney { amount } } }
          }
          pageInfo { hasNextPage endCursor }
        }
        refunds(first: 20) { id createdAt totalRefundedSet { shopMoney { amount } } }
        fulfillments(first: 20) { id status displayStatus createdAt updatedAt }
      }
    }
  }`

export const MORE_LINES = `#graphql
  query MoreLines($id: ID!, $after: String) {
    order(id: $id) {
      lineItems(first: 100, after: $after) {
        nodes {
          id quantity currentQuantity
          product { id }
          variant { id }
          originalUnitPriceSet { shopMoney { amount } }
          discountAllocations { allocatedAmountSet { shopMoney { amount } } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }`

export const WANTED_REFUNDS = `#graphql
  query WantedRefunds($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on Refund {
        id createdAt totalRefundedSet { shopMoney { amount } }
        order { id updatedAt }
        refundLineItems(first: 15) {
          nodes { quantity lineItem { id } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }`

export const MORE_REFUND_LINES = `#graphql
  query MoreRefundLines($id: ID!, $after: String) {
    refund(id: $id) {
      refundLineItems(first: 200, after: $after) {
        nodes { quantity lineItem { id } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }`
