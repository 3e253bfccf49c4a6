import { isObject } from '../support/input.js'

/** The values of shortcodes by path: `{ user: { first_name: 'Alice' } }` for `{{user.first_name}}` */
export type Shortcodes = Readonly<Record<string, unknown>>

/** One shortcode. A quoted string in it may contain anything but a quote. */
const SHORTCODE = /\{\{((?:'[^']*'|[^'{}])*)\}\}/g

/**
 * Replaces the shortcodes of a template with their values, at every depth.
 *
 * A string that is one shortcode becomes its value, of any type. In a longer string, values are converted to strings.
 */
export function fillTemplate(template: unknown, shortcodes: Shortcodes): unknown {
  if (typeof template === 'string') return fillText(template, shortcodes)
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, shortcodes))
  if (!isObject(template)) return template
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fillTemplate(value, shortcodes)]))
}

function fillText(text: string, shortcodes: Shortcodes): unknown {
  const [first] = text.matchAll(SHORTCODE)
  if (first?.[0] === text) return valueOf(first[1] ?? '', shortcodes)
  return text.replaceAll(SHORTCODE, (_, expression: string) => textOf(valueOf(expression, shortcodes)))
}

/** The first operand that is neither null nor false, otherwise the last. */
function valueOf(expression: string, shortcodes: Shortcodes): unknown {
  const operands = expression.match(/(?:'[^']*'|[^'|]|(?<!\|)\|(?!\|))+/g) ?? []
  const values = operands.map((operand) => operandValue(operand.trim(), shortcodes))
  return values.find((value) => value !== null && value !== false) ?? values.at(-1) ?? null
}

function operandValue(operand: string, shortcodes: Shortcodes): unknown {
  if (operand.startsWith("'")) return operand.slice(1, -1)
  if (operand === 'true' || operand === 'false') return operand === 'true'
  if (/^-?\d+(\.\d+)?$/.test(operand)) return Number(operand)
  return operand.split('.').reduce(memberOf, shortcodes) ?? null
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? (value as Shortcodes)[name] : null
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
