import { Refusal } from '../api/errors.js'
import { boolean, nullable, optional, refined, rule, string } from '../model/schema.js'
import { isEmailAddress, isPhoneNumber } from '../people/identifiers.js'
import type { World } from '../state/world.js'

export const FLAG = optional(nullable(boolean()))

export function emailAddressField() {
  return refined(string(), rule('form_param_format_invalid', 'must be a valid email address.', isEmailAddress))
}

export function phoneNumberField() {
  const isValid = (text: string) => isPhoneNumber(e164(text))
  return refined(
    string(),
    rule(
      'form_param_format_invalid',
      'must be a valid phone number according to E.164 international standard.',
      isValid,
    ),
  )
}

/** A phone number without the spaces, hyphens and parentheses between its digits. */
export function e164(text: string): string {
  return text.replaceAll(/[\s()-]/g, '')
}

/** @throws {Refusal} if a user has the identifier */
export function refuseTaken(world: World, kind: 'email_address' | 'phone_number', value: string): void {
  const taken =
    kind === 'email_address'
      ? world.email_addresses.find('email_address', value)
      : world.phone_numbers.find('phone_number', value)
  if (taken)
    throw new Refusal('form_identifier_exists', `That ${kind.replace('_', ' ')} is taken. Please try another.`, kind)
}
