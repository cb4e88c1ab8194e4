/* eslint-disable eslint-comments/disable-enable-pair */
/* eslint-disable eslint-comments/no-unlimited-disable */
/* eslint-disable */
import type * as AdminTypes from './admin.types.js';

export type RunBulkQueryMutationVariables = AdminTypes.Exact<{
  query: AdminTypes.Scalars['String']['input'];
}>;


export type RunBulkQueryMutation = { bulkOperationRunQuery?: AdminTypes.Maybe<{ bulkOperation?: AdminTypes.Maybe<Pick<AdminTypes.BulkOperation, 'id'>>, userErrors: Array<Pick<AdminTypes.BulkOperationUserError, 'code' | 'message'>> }> };

export type ReadBulkOperationQueryVariables = AdminTypes.Exact<{
  id: AdminTypes.Scalars['ID']['input'];
}>;


export type ReadBulkOperationQuery = { bulkOperation?: AdminTypes.Maybe<Pick<AdminTypes.BulkOperation, 'status' | 'errorCode' | 'objectCount' | 'url' | 'createdAt'>> };

export type HistoryProductsQueryVariables = AdminTypes.Exact<{ [key: string]: never; }>;


export type HistoryProductsQuery = { products: { edges: Array<{ node: (
        Pick<AdminTypes.Product, 'id' | 'title' | 'descriptionHtml' | 'productType' | 'vendor' | 'handle' | 'status' | 'publishedAt' | 'updatedAt'>
        & { featuredMedia?: AdminTypes.Maybe<never>, variants: { edges: Array<{ node: (
              Pick<AdminTypes.ProductVariant, 'id' | 'price' | 'inventoryPolicy' | 'inventoryQuantity'>
              & { inventoryItem: Pick<AdminTypes.InventoryItem, 'id' | 'tracked'> }
            ) }> } }
      ) }> } };

export type HistoryInventoryQueryVariables = AdminTypes.Exact<{ [key: string]: never; }>;


export type HistoryInventoryQuery = { inventoryItems: { edges: Array<{ node: (
        Pick<AdminTypes.InventoryItem, 'id'>
        & { inventoryLevels: { edges: Array<{ node: (
              Pick<AdminTypes.InventoryLevel, 'id' | 'updatedAt'>
              & { location: Pick<AdminTypes.Location, 'id'>, quantities: Array<Pick<AdminTypes.InventoryQuantity, 'quantity'>> }
            ) }> } }
      ) }> } };

export type HistoryCollectionsQueryVariables = AdminTypes.Exact<{ [key: string]: never; }>;


export type HistoryCollectionsQuery = { collections: { edges: Array<{ node: Pick<AdminTypes.Collection, 'id' | 'title' | 'handle' | 'updatedAt'> }> } };

export type HistoryCustomersQueryVariables = AdminTypes.Exact<{ [key: string]: never; }>;


export type HistoryCustomersQuery = { customers: { edges: Array<{ node: (
        Pick<AdminTypes.Customer, 'id' | 'state' | 'locale' | 'createdAt' | 'updatedAt' | 'firstName' | 'lastName'>
        & { defaultAddress?: AdminTypes.Maybe<Pick<AdminTypes.MailingAddress, 'countryCodeV2'>>, defaultEmailAddress?: AdminTypes.Maybe<Pick<AdminTypes.CustomerEmailAddress, 'emailAddress' | 'marketingState' | 'marketingUpdatedAt'>>, defaultPhoneNumber?: AdminTypes.Maybe<Pick<AdminTypes.CustomerPhoneNumber, 'phoneNumber' | 'marketingState' | 'marketingUpdatedAt'>> }
      ) }> } };

export type HistoryCustomersNamelessQueryVariables = AdminTypes.Exact<{ [key: string]: never; }>;


export type HistoryCustomersNamelessQuery = { customers: { edges: Array<{ node: Pick<AdminTypes.Customer, 'id' | 'state' | 'locale' | 'createdAt' | 'updatedAt'> }> } };

export type HistoryOrdersQueryVariables = AdminTypes.Exact<{ [key: string]: never; }>;


export type HistoryOrdersQuery = { orders: { edges: Array<{ node: (
        Pick<AdminTypes.Order, 'id' | 'processedAt' | 'updatedAt' | 'cancelledAt' | 'currencyCode' | 'test' | 'sourceName' | 'cartToken' | 'checkoutToken' | 'email' | 'phone' | 'displayFinancialStatus' | 'displayFulfillmentStatus'>
        & { totalPriceSet: { shopMoney: Pick<AdminTypes.MoneyV2, 'amount'> }, customer?: AdminTypes.Maybe<Pick<AdminTypes.Customer, 'id'>>, lineItems: { edges: Array<{ node: (
              Pick<AdminTypes.LineItem, 'id' | 'quantity' | 'currentQuantity'>
              & { product?: AdminTypes.Maybe<Pick<AdminTypes.Product, 'id'>>, variant?: AdminTypes.Maybe<Pick<AdminTypes.ProductVariant, 'id'>>, originalUnitPriceSet: { shopMoney: Pick<AdminTypes.MoneyV2, 'amount'> }, discountAllocations: Array<{ allocatedAmountSet: { shopMoney: Pick<AdminTypes.MoneyV2, 'amount'> } }> }
            ) }> }, refunds: Array<(
          Pick<AdminTypes.Refund, 'id' | 'createdAt'>
          & { totalRefundedSet: { shopMoney: Pick<AdminTypes.MoneyV2, 'amount'> } }
        )>, fulfillments: Array<Pick<AdminTypes.Fulfillment, 'id' | 'status' | 'displayStatus' | 'createdAt' | 'updatedAt'>> }
      ) }> } };

export type HistoryOrdersNamelessQueryVariables = AdminTypes.Exact<{ [key: string]: never; }>;


export type HistoryOrdersNamelessQuery = { orders: { edges: Array<{ node: (
        Pick<AdminTypes.Order, 'id' | 'processedAt' | 'updatedAt' | 'cancelledAt' | 'currencyCode' | 'test' | 'sourceName' | 'cartToken' | 'checkoutToken' | 'displayFinancialStatus' | 'displayFulfillmentStatus'>
        & { totalPriceSet: { shopMoney: Pick<AdminTypes.MoneyV2, 'amount'> }, customer?: AdminTypes.Maybe<Pick<AdminTypes.Customer, 'id'>>, lineItems: { edges: Array<{ node: (
              Pick<AdminTypes.LineItem, 'id' | 'quantity' | 'currentQuantity'>
              & { product?: AdminTypes.Maybe<Pick<AdminTypes.Product, 'id'>>, variant?: AdminTypes.Maybe<Pick<AdminTypes.ProductVariant, 'id'>>, originalUnitPriceSet: { shopMoney: Pick<AdminTypes.MoneyV2, 'amount'> }, discountAllocations: Array<{ allocatedAmountSet: { shopMoney: Pick<AdminTypes.MoneyV2, 'amount'> } }> }
            ) }> }, refunds: Array<(
          Pick<AdminTypes.Refund, 'id' | 'createdAt'>
          & { totalRefundedSet: { shopMoney: Pick<AdminTypes.MoneyV2, 'amount'> } }
        )>, fulfillments: Array<Pick<AdminTypes.Fulfillment, 'id' | 'status' | 'displayStatus' | 'createdAt' | 'updatedAt'>> }
      ) }> } };

export type ProbeCustomersQueryVariables = AdminTypes.Exact<{ [key: string]: never; }>;


export type ProbeCustomersQuery = { customers: { nodes: Array<(
      Pick<AdminTypes.Customer, 'id' | 'firstName' | 'lastName'>
      & { defaultAddress?: AdminTypes.Maybe<Pick<AdminTypes.MailingAddress, 'countryCodeV2'>>, defaultEmailAddress?: AdminTypes.Maybe<Pick<AdminTypes.CustomerEmailAddress, 'emailAddress'>>, defaultPhoneNumber?: AdminTypes.Maybe<Pick<AdminTypes.CustomerPhoneNumber, 'phoneNumber'>> }
    )> } };

export type ProbeOrdersQueryVariables = AdminTypes.Exact<{ [key: string]: never; }>;


export type ProbeOrdersQuery = { orders: { nodes: Array<(
      Pick<AdminTypes.Order, 'id' | 'email' | 'phone'>
      & { customer?: AdminTypes.Maybe<Pick<AdminTypes.Customer, 'id'>> }
    )> } };

export type ReadShopQueryVariables = AdminTypes.Exact<{ [key: string]: never; }>;


export type ReadShopQuery = { shop: Pick<AdminTypes.Shop, 'name' | 'myshopifyDomain' | 'currencyCode' | 'ianaTimezone'> };

export type WantedProductsQueryVariables = AdminTypes.Exact<{
  ids: Array<AdminTypes.Scalars['ID']['input']> | AdminTypes.Scalars['ID']['input'];
}>;


export type WantedProductsQuery = { nodes: Array<AdminTypes.Maybe<(
    Pick<AdminTypes.Product, 'id' | 'title' | 'descriptionHtml' | 'productType' | 'vendor' | 'handle' | 'status' | 'publishedAt' | 'updatedAt'>
    & { featuredMedia?: AdminTypes.Maybe<never>, variants: { nodes: Array<(
        Pick<AdminTypes.ProductVariant, 'id' | 'price' | 'inventoryPolicy' | 'inventoryQuantity'>
        & { inventoryItem: Pick<AdminTypes.InventoryItem, 'id' | 'tracked'> }
      )>, pageInfo: Pick<AdminTypes.PageInfo, 'hasNextPage' | 'endCursor'> } }
  )>> };

export type MoreVariantsQueryVariables = AdminTypes.Exact<{
  id: AdminTypes.Scalars['ID']['input'];
  after?: AdminTypes.InputMaybe<AdminTypes.Scalars['String']['input']>;
}>;


export type MoreVariantsQuery = { product?: AdminTypes.Maybe<{ variants: { nodes: Array<(
        Pick<AdminTypes.ProductVariant, 'id' | 'price' | 'inventoryPolicy' | 'inventoryQuantity'>
        & { inventoryItem: Pick<AdminTypes.InventoryItem, 'id' | 'tracked'> }
      )>, pageInfo: Pick<AdminTypes.PageInfo, 'hasNextPage' | 'endCursor'> } }> };

export type WantedOrdersQueryVariables = AdminTypes.Exact<{
  ids: Array<AdminTypes.Scalars['ID']['input']> | AdminTypes.Scalars['ID']['input'];
}>;


export type WantedOrdersQuery = { nodes: Array<AdminTypes.Maybe<(
    Pick<AdminTypes.Order, 'id' | 'processedAt' | 'updatedAt' | 'cancelledAt' | 'currencyCode' | 'test' | 'sourceName' | 'cartToken' | 'checkoutToken' | 'email' | 'phone' | 'displayFinancialStatus' | 'displayFulfillmentStatus'>
    & { totalPriceSet: { shopMoney: Pick<AdminTypes.MoneyV2, 'amount'> }, customer?: AdminTypes.Maybe<Pick<AdminTypes.Customer, 'id'>>, lineItems: { nodes: Array<(
        Pick<AdminTypes.LineItem, 'id' | 'quantity' | 'currentQuantity'>
        & { product?: AdminTypes.Maybe<Pick<AdminTypes.Product, 'id'>>, variant?: AdminTypes.Maybe<Pick<AdminTypes.ProductVariant, 'id'>>, originalUnitPriceSet: { shopMoney: Pick<AdminTypes.MoneyV2, 'amount'> }, discountAllocations: Array<{ allocatedAmountSet: { shopMoney: Pick<AdminTypes.MoneyV2, 'amount'> } }> }
      )>, pageInfo: Pick<AdminTypes.PageInfo, 'hasNextPage' | 'endCursor'> }, refunds: Array<(
      Pick<AdminTypes.Refund, 'id' | 'createdAt'>
      & { totalRefundedSet: { shopMoney: Pick<AdminTypes.MoneyV2, 'amount'> } }
    )>, fulfillments: Array<Pick<AdminTypes.Fulfillment, 'id' | 'status' | 'displayStatus' | 'createdAt' | 'updatedAt'>> }
  )>> };

export type MoreLinesQueryVariables = AdminTypes.Exact<{
  id: AdminTypes.Scalars['ID']['input'];
  after?: AdminTypes.InputMaybe<AdminTypes.Scalars['String']['input']>;
}>;


export type MoreLinesQuery = { order?: AdminTypes.Maybe<{ lineItems: { nodes: Array<(
        Pick<AdminTypes.LineItem, 'id' | 'quantity' | 'currentQuantity'>
        & { product?: AdminTypes.Maybe<Pick<AdminTypes.Product, 'id'>>, variant?: AdminTypes.Maybe<Pick<AdminTypes.ProductVariant, 'id'>>, originalUnitPriceSet: { shopMoney: Pick<AdminTypes.MoneyV2, 'amount'> }, discountAllocations: Array<{ allocatedAmountSet: { shopMoney: Pick<AdminTypes.MoneyV2, 'amount'> } }> }
      )>, pageInfo: Pick<AdminTypes.PageInfo, 'hasNextPage' | 'endCursor'> } }> };

export type WantedRefundsQueryVariables = AdminTypes.Exact<{
  ids: Array<AdminTypes.Scalars['ID']['input']> | AdminTypes.Scalars['ID']['input'];
}>;


export type WantedRefundsQuery = { nodes: Array<AdminTypes.Maybe<(
    Pick<AdminTypes.Refund, 'id' | 'createdAt'>
    & { totalRefundedSet: { shopMoney: Pick<AdminTypes.MoneyV2, 'amount'> }, order: Pick<AdminTypes.Order, 'id' | 'updatedAt'>, refundLineItems: { nodes: Array<(
        Pick<AdminTypes.RefundLineItem, 'quantity'>
        & { lineItem: Pick<AdminTypes.LineItem, 'id'> }
      )>, pageInfo: Pick<AdminTypes.PageInfo, 'hasNextPage' | 'endCursor'> } }
  )>> };

export type MoreRefundLinesQueryVariables = AdminTypes.Exact<{
  id: AdminTypes.Scalars['ID']['input'];
  after?: AdminTypes.InputMaybe<AdminTypes.Scalars['String']['input']>;
}>;


export type MoreRefundLinesQuery = { refund?: AdminTypes.Maybe<{ refundLineItems: { nodes: Array<(
        Pick<AdminTypes.RefundLineItem, 'quantity'>
        & { lineItem: Pick<AdminTypes.LineItem, 'id'> }
      )>, pageInfo: Pick<AdminTypes.PageInfo, 'hasNextPage' | 'endCursor'> } }> };

export type SetDefaultSlatesMutationVariables = AdminTypes.Exact<{
  metafields: Array<AdminTypes.MetafieldsSetInput> | AdminTypes.MetafieldsSetInput;
}>;


export type SetDefaultSlatesMutation = { metafieldsSet?: AdminTypes.Maybe<{ userErrors: Array<Pick<AdminTypes.MetafieldsSetUserError, 'code'>> }> };

export type ShopHasAppQueryVariables = AdminTypes.Exact<{ [key: string]: never; }>;


export type ShopHasAppQuery = { shop: Pick<AdminTypes.Shop, 'id'> };

interface GeneratedQueryTypes {
  "#graphql\n  query ReadBulkOperation($id: ID!) {\n    bulkOperation(id: $id) { status errorCode objectCount url createdAt }\n  }": {return: ReadBulkOperationQuery, variables: ReadBulkOperationQueryVariables},
  "#graphql\n  query HistoryProducts {\n    products {\n      edges {\n        node {\n          id title descriptionHtml productType vendor handle status publishedAt updatedAt\n          featuredMedia { preview { image { url } } }\n          variants {\n            edges {\n              node { id price inventoryPolicy inventoryQuantity inventoryItem { id tracked } }\n            }\n          }\n        }\n      }\n    }\n  }": {return: HistoryProductsQuery, variables: HistoryProductsQueryVariables},
  "#graphql\n  query HistoryInventory {\n    inventoryItems {\n      edges {\n        node {\n          id\n          inventoryLevels {\n            edges { node { id updatedAt location { id } quantities(names: [\"available\"]) { quantity } } }\n          }\n        }\n      }\n    }\n  }": {return: HistoryInventoryQuery, variables: HistoryInventoryQueryVariables},
  "#graphql\n  query HistoryCollections {\n    collections { edges { node { id title handle updatedAt } } }\n  }": {return: HistoryCollectionsQuery, variables: HistoryCollectionsQueryVariables},
  "#graphql\n  query HistoryCustomers {\n    customers {\n      edges {\n        node {\n          id state locale createdAt updatedAt firstName lastName\n          defaultAddress { countryCodeV2 }\n          defaultEmailAddress { emailAddress marketingState marketingUpdatedAt }\n          defaultPhoneNumber { phoneNumber marketingState marketingUpdatedAt }\n        }\n      }\n    }\n  }": {return: HistoryCustomersQuery, variables: HistoryCustomersQueryVariables},
  "#graphql\n  query HistoryCustomersNameless {\n    customers { edges { node { id state locale createdAt updatedAt } } }\n  }": {return: HistoryCustomersNamelessQuery, variables: HistoryCustomersNamelessQueryVariables},
  "#graphql\n  query HistoryOrders {\n    orders {\n      edges {\n        node {\n          id processedAt updatedAt cancelledAt currencyCode test sourceName cartToken checkoutToken email phone\n          displayFinancialStatus displayFulfillmentStatus\n          totalPriceSet { shopMoney { amount } }\n          customer { id }\n          lineItems {\n            edges {\n              node {\n                id quantity currentQuantity\n                product { id }\n                variant { id }\n                originalUnitPriceSet { shopMoney { amount } }\n                discountAllocations { allocatedAmountSet { shopMoney { amount } } }\n              }\n            }\n          }\n          refunds { id createdAt totalRefundedSet { shopMoney { amount } } }\n          fulfillments { id status displayStatus createdAt updatedAt }\n        }\n      }\n    }\n  }": {return: HistoryOrdersQuery, variables: HistoryOrdersQueryVariables},
  "#graphql\n  query HistoryOrdersNameless {\n    orders {\n      edges {\n        node {\n          id processedAt updatedAt cancelledAt currencyCode test sourceName cartToken checkoutToken\n          displayFinancialStatus displayFulfillmentStatus\n          totalPriceSet { shopMoney { amount } }\n          customer { id }\n          lineItems {\n            edges {\n              node {\n                id quantity currentQuantity\n                product { id }\n                variant { id }\n                originalUnitPriceSet { shopMoney { amount } }\n                discountAllocations { allocatedAmountSet { shopMoney { amount } } }\n              }\n            }\n          }\n          refunds { id createdAt totalRefundedSet { shopMoney { amount } } }\n          fulfillments { id status displayStatus createdAt updatedAt }\n        }\n      }\n    }\n  }": {return: HistoryOrdersNamelessQuery, variables: HistoryOrdersNamelessQueryVariables},
  "#graphql\n  query ProbeCustomers {\n    customers(first: 1) {\n      nodes { id firstName lastName defaultAddress { countryCodeV2 } defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } }\n    }\n  }": {return: ProbeCustomersQuery, variables: ProbeCustomersQueryVariables},
  "#graphql\n  query ProbeOrders {\n    orders(first: 1) { nodes { id email phone customer { id } } }\n  }": {return: ProbeOrdersQuery, variables: ProbeOrdersQueryVariables},
  "#graphql\n  query ReadShop {\n    shop { name myshopifyDomain currencyCode ianaTimezone }\n  }": {return: ReadShopQuery, variables: ReadShopQueryVariables},
  "#graphql\n  query WantedProducts($ids: [ID!]!) {\n    nodes(ids: $ids) {\n      ... on Product {\n        id title descriptionHtml productType vendor handle status publishedAt updatedAt\n        featuredMedia { preview { image { url } } }\n        variants(first: 40) {\n          nodes { id price inventoryPolicy inventoryQuantity inventoryItem { id tracked } }\n          pageInfo { hasNextPage endCursor }\n        }\n      }\n    }\n  }": {return: WantedProductsQuery, variables: WantedProductsQueryVariables},
  "#graphql\n  query MoreVariants($id: ID!, $after: String) {\n    product(id: $id) {\n      variants(first: 200, after: $after) {\n        nodes { id price inventoryPolicy inventoryQuantity inventoryItem { id tracked } }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }": {return: MoreVariantsQuery, variables: MoreVariantsQueryVariables},
  "#graphql\n  query WantedOrders($ids: [ID!]!) {\n    nodes(ids: $ids) {\n      ... on Order {\n        id processedAt updatedAt cancelledAt currencyCode test sourceName cartToken checkoutToken email phone\n        displayFinancialStatus displayFulfillmentStatus\n        totalPriceSet { shopMoney { amount } }\n        customer { id }\n        lineItems(first: 15) {\n          nodes {\n            id quantity currentQuantity\n            product { id }\n            variant { id }\n            originalUnitPriceSet { shopMoney { amount } }\n            discountAllocations { allocatedAmountSet { shopMoney { amount } } }\n          }\n          pageInfo { hasNextPage endCursor }\n        }\n        refunds(first: 20) { id createdAt totalRefundedSet { shopMoney { amount } } }\n        fulfillments(first: 20) { id status displayStatus createdAt updatedAt }\n      }\n    }\n  }": {return: WantedOrdersQuery, variables: WantedOrdersQueryVariables},
  "#graphql\n  query MoreLines($id: ID!, $after: String) {\n    order(id: $id) {\n      lineItems(first: 100, after: $after) {\n        nodes {\n          id quantity currentQuantity\n          product { id }\n          variant { id }\n          originalUnitPriceSet { shopMoney { amount } }\n          discountAllocations { allocatedAmountSet { shopMoney { amount } } }\n        }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }": {return: MoreLinesQuery, variables: MoreLinesQueryVariables},
  "#graphql\n  query WantedRefunds($ids: [ID!]!) {\n    nodes(ids: $ids) {\n      ... on Refund {\n        id createdAt totalRefundedSet { shopMoney { amount } }\n        order { id updatedAt }\n        refundLineItems(first: 15) {\n          nodes { quantity lineItem { id } }\n          pageInfo { hasNextPage endCursor }\n        }\n      }\n    }\n  }": {return: WantedRefundsQuery, variables: WantedRefundsQueryVariables},
  "#graphql\n  query MoreRefundLines($id: ID!, $after: String) {\n    refund(id: $id) {\n      refundLineItems(first: 200, after: $after) {\n        nodes { quantity lineItem { id } }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }": {return: MoreRefundLinesQuery, variables: MoreRefundLinesQueryVariables},
  "#graphql\n  query ShopHasApp {\n    shop {\n      id\n    }\n  }": {return: ShopHasAppQuery, variables: ShopHasAppQueryVariables},
}

interface GeneratedMutationTypes {
  "#graphql\n  mutation RunBulkQuery($query: String!) {\n    bulkOperationRunQuery(query: $query, groupObjects: true) {\n      bulkOperation { id }\n      userErrors { code message }\n    }\n  }": {return: RunBulkQueryMutation, variables: RunBulkQueryMutationVariables},
  "#graphql\n  mutation setDefaultSlates($metafields: [MetafieldsSetInput!]!) {\n    metafieldsSet(metafields: $metafields) { userErrors { code } }\n  }": {return: SetDefaultSlatesMutation, variables: SetDefaultSlatesMutationVariables},
}
declare module '@shopify/admin-api-client' {
  type InputMaybe<T> = AdminTypes.InputMaybe<T>;
  interface AdminQueries extends GeneratedQueryTypes {}
  interface AdminMutations extends GeneratedMutationTypes {}
}
