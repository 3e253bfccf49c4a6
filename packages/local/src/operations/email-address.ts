import * as v from 'valibot'
import { refined, rule, string } from '../model/schema.js'
import { isEmailAddress } from '../people/identifiers.js'

/** An email address, which becomes lower case. */
export function emailAddress() {
  return refined(
    string(),
    rule('form_param_format_invalid', 'must be a valid email address.', isEmailAddress),
    v.toLowerCase(),
  )
}
