import * as v from 'valibot'
import { refined, rule, string } from '../../model/schema.js'
import { isEmailAddress, isPhoneNumber } from '../../people/identifiers.js'
import { stored } from './identifiers.js'

/** An email address, which becomes lower case. */
export function emailAddressField() {
  return refined(
    string(),
    rule('form_param_format_invalid', 'must be a valid email address.', isEmailAddress),
    v.toLowerCase(),
  )
}

export function phoneNumberField() {
  const isValid = (value: string) => isPhoneNumber(stored.phone_number(value))
  return refined(
    string(),
    rule(
      'form_param_format_invalid',
      'must be a valid phone number according to E.164 international standard.',
      isValid,
    ),
  )
}
