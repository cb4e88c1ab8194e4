/** Prices as a theme's `money` filter writes them: minor units in, the shop's currency out. */
export function moneyText(cents: number, currency: string): string {
  return new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(
    cents / 100,
  )
}
