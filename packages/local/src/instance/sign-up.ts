import { SIGN_UP_DURATION_IN_MS } from '../model/sign-up.js'
import { sendEmail, sendSms } from '../outbox/send.js'
import { isEmailAddress, isPhoneNumber } from '../people/identifiers.js'
import { restrictionOf } from '../people/restrictions.js'
import { verificationCodeFor } from '../people/verification-code.js'
import type { World } from '../state/world.js'
import { A_STRING, checkInput } from '../support/input.js'

/** Who signs up: an email address, a phone number in E.164, or both. */
export interface SignUpInput {
  readonly emailAddress?: string
  readonly phoneNumber?: string
}

/**
 * Starts a sign-up, as the sign-up page of an application does, and sends the verification codes.
 *
 * @throws {TypeError} if the email address or phone number is missing, invalid, taken or restricted
 */
export function startSignUp(world: World, input: SignUpInput): { readonly id: string } {
  checkInput('signUp()', input, { emailAddress: A_STRING, phoneNumber: A_STRING })
  const emailAddress = input.emailAddress?.toLowerCase()
  const { phoneNumber } = input
  if (emailAddress === undefined && phoneNumber === undefined)
    throw new TypeError('signUp() requires an "emailAddress" or a "phoneNumber"')
  if (emailAddress !== undefined && !isEmailAddress(emailAddress))
    throw new TypeError('"emailAddress" of signUp() must be an email address')
  if (phoneNumber !== undefined && !isPhoneNumber(phoneNumber))
    throw new TypeError('"phoneNumber" of signUp() must be a phone number such as "+12025550100"')
  refuseTaken(world, emailAddress, phoneNumber)

  return world.transaction(() => {
    const { id } = world.sign_ups.add({
      email_address: emailAddress ?? null,
      phone_number: phoneNumber ?? null,
      abandon_at: world.now() + SIGN_UP_DURATION_IN_MS,
    })
    const codeFor = (identifier: string) => ({
      slug: 'verification_code',
      data: { otp_code: verificationCodeFor(identifier) },
    })
    if (emailAddress !== undefined) sendEmail(world, { ...codeFor(emailAddress), to_email_address: emailAddress })
    if (phoneNumber !== undefined) sendSms(world, { ...codeFor(phoneNumber), to_phone_number: phoneNumber })
    return { id }
  })
}

function refuseTaken(world: World, emailAddress: string | undefined, phoneNumber: string | undefined): void {
  for (const identifier of [emailAddress, phoneNumber]) {
    const restriction = identifier === undefined ? undefined : restrictionOf(world, identifier)
    if (restriction !== undefined) throw new TypeError(`"${identifier}" cannot sign up, because ${restriction}`)
  }
  const isTaken =
    (emailAddress !== undefined && world.email_addresses.find('email_address', emailAddress)) ||
    (phoneNumber !== undefined && world.phone_numbers.find('phone_number', phoneNumber))
  if (isTaken) throw new TypeError('a user already has the "emailAddress" or "phoneNumber" of signUp()')
}
