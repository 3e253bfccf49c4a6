/** An amount of money, in cents of US dollars: the only currency here. */
export function moneyAnswer(amount: number) {
  const amount_formatted = (amount / 100).toFixed(2)
  return { amount, amount_formatted, currency: CURRENCY, currency_symbol: CURRENCY_SYMBOL }
}

export const CURRENCY = 'USD'
export const CURRENCY_SYMBOL = '$'

/** Totals without taxes, which the instance does not know. */
export function totalsAnswer(amount: number) {
  return {
    subtotal: moneyAnswer(amount),
    base_fee: moneyAnswer(amount),
    tax_total: moneyAnswer(0),
    grand_total: moneyAnswer(amount),
  }
}
