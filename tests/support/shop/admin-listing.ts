/** The app's listing, as the admin shows it to a merchant who has not installed it: what it asks for, and the button. */
import { adminDocument } from "./admin-frame.ts"
import { escapeHtml } from "./liquid-engine.ts"

/** As Shopify's own install page puts it; a scope that is not here stands by its name alone. */
const SAYS: Record<string, string> = {
  write_products: "View and edit products and collections",
  read_products: "View products and collections",
  read_inventory: "View inventory",
  read_orders: "View orders of the last 60 days",
  read_all_orders: "View all past orders",
  read_fulfillments: "View fulfilments",
  read_customers: "View customers",
}

export function listingPage(options: {
  shopName: string
  scopes: readonly string[]
  /** The app was here and was taken away; what it holds is to be erased two days later. */
  left: boolean
}): string {
  const scopes = options.scopes
    .map((scope) => `<li>${escapeHtml(SAYS[scope] ?? scope)} <code>${escapeHtml(scope)}</code></li>`)
    .join("")
  const erase = options.left
    ? `<p>Throughline was uninstalled. Two days later Shopify asks the app to erase what it holds about this shop.</p>
<form method="post" action="/admin/two-days-later"><button class="plain">Let the 48 hours pass now</button></form>`
    : ""
  return adminDocument(
    options.shopName,
    `<nav aria-label="Admin"><span>Home</span><span>Orders</span><span>Products</span><span>Customers</span><b>Apps</b></nav>
<main><article>
<h1>Throughline</h1>
<p>Each shopper's journey, what would help them next, and proof of whether it did.</p>
<p>To do this, the app needs to:</p>
<ul>${scopes}</ul>
<form method="post" action="/admin/install"><button class="main">Install</button></form>
${erase}
</article></main>`,
  )
}
