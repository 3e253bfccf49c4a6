import { nullish, refined, rule, string } from '../model/schema.js'

/** A parameter with a date and time as in RFC 3339, such as `2012-10-20T07:15:20.902Z`. */
export function isoTime() {
  const isTime = (text: string) => /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text))
  return nullish(
    refined(string(), rule('form_param_value_invalid', 'must be a date and time in the format of RFC 3339', isTime)),
  )
}

/** Milliseconds since the epoch. */
export function instantOf(text: string | null | undefined): number | null | undefined {
  return typeof text === 'string' ? Date.parse(text) : text
}
