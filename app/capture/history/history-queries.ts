/**
 * What is asked of a shop about its past. Each runs as a bulk operation: Shopify writes the whole result to a file of
 * lines, a line for each node, its children behind it. A bulk query takes connections two levels deep and none inside a
 * list, so stock has a query of its own, and the lines of refunds are asked for afterwards (wanted-queries.ts).
 */

export const HISTORY_PRODUCTS = `#graphql
  query HistoryProducts {
    products {
      edges {
        node {
          id title descriptionHtml productType vendor handle status publishedAt updatedAt
          featuredMedia { preview { image { url } } }
          variants {
            edges {
              node { id price inventoryPolicy inventoryQuantity inventoryItem { id tracked } }
            }
          }
        }
      }
    }
  }`

export const HISTORY_INVENTORY = `#graphql
  query HistoryInventory {
    inventoryItems {
      edges {
        node {
          id
          inventoryLevels {
            edges { node { id updatedAt location { id } quantities(names: ["available"]) { quantity } } }
          }
        }
      }
    }
  }`

export const HISTORY_COLLECTIONS = `#graphql
  query HistoryCollections {
    collections { edges { node { id title handle updatedAt } } }
  }`

export const HISTORY_CUSTOMERS = `#graphql
  query HistoryCustomers {
    customers {
      edges {
        node {
          id state locale createdAt updatedAt firstName lastName
          defaultAddress { countryCodeV2 }
          defaultEmailAddress { emailAddress marketingState marketingUpdatedAt }
          defaultPhoneNumber { phoneNumber marketingState marketingUpdatedAt }
        }
      }
    }
  }`

/** Where Shopify has not approved the app for names and addresses. */
export const HISTORY_CUSTOMERS_NAMELESS = `#graphql
  query HistoryCustomersNameless {
    customers { edges { node { id state locale createdAt updatedAt } } }
  }`

export const HISTORY_ORDERS = `#graphql
  query HistoryOrders {
    orders {
      edges {
        node {
          id processedAt updatedAt cancelledAt currencyCode test sourceName cartToken checkoutToken email phone
          displayFinancialStatus displayFulfillmentStatus
          totalPriceSet { shopMoney { amount } }
          customer { id }
          lineItems {
            edges {
              node {
                id quantity currentQuantity
                product { id }
                variant { id }
                originalUnitPriceSet { shopMoney { amount } }
                discountAllocations { allocatedAmountSet { shopMoney { amount } } }
              }
            }
          }
          refunds { id createdAt totalRefundedSet { shopMoney { amount } } }
          fulfillments { id status displayStatus createdAt updatedAt }
        }
      }
    }
  }`

/** Where Shopify has not approved the app for names and addresses. */
export const HISTORY_ORDERS_NAMELESS = `#graphql
  query HistoryOrdersNameless {
    orders {
      edges {
        node {
          id processedAt updatedAt cancelledAt currencyCode test sourceName cartToken checkoutToken
          displayFinancialStatus displayFulfillmentStatus
          totalPriceSet { shopMoney { amount } }
          customer { id }
          lineItems {
            edges {
              node {
                id quantity currentQuantity
                product { id }
                variant { id }
                originalUnitPriceSet { shopMoney { amount } }
                discountAllocations { allocatedAmountSet { shopMoney { amount } } }
              }
            }
          }
          refunds { id createdAt totalRefundedSet { shopMoney { amount } } }
          fulfillments { id status displayStatus createdAt updatedAt }
        }
      }
    }
  }`

/** Whether names and addresses of customers may be read: one is asked for. */
export const PROBE_CUSTOMERS = `#graphql
  query ProbeCustomers {
    customers(first: 1) {
      nodes { id firstName lastName defaultAddress { countryCodeV2 } defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } }
    }
  }`

export const PROBE_ORDERS = `#graphql
  query ProbeOrders {
    orders(first: 1) { nodes { id email phone customer { id } } }
  }`

export const READ_SHOP = `#graphql
  query ReadShop {
    shop { name myshopifyDomain currencyCode ianaTimezone }
  }`
