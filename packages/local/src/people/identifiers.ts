/** Whether it has the form of an email address: at most 254 characters (RFC 5321) and a domain with a dot. */
export function isEmailAddress(value: string): boolean {
  const [localPart, domain, ...rest] = value.split('@')
  if (value.length > 254 || !localPart || !domain || rest.length > 0 || localPart.length > 64) return false
  return (
    /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u.test(localPart) && isDomain(domain)
  )
}

/** Whether it is a domain name of at least two labels. */
export function isDomain(value: string): boolean {
  const labels = value.split('.')
  const isLabel = (label: string) => /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u.test(label)
  return value.length <= 253 && labels.length > 1 && labels.every(isLabel) && !/^\d+$/.test(labels.at(-1) ?? '')
}

/** Whether it has the form of a phone number in E.164, such as `+12025550100`. */
export function isPhoneNumber(value: string): boolean {
  return /^\+(?:1\d{10}|[2-9]\d{6,14})$/.test(value)
}

/** Returns Clerk's error code for a username that is not allowed. */
export function usernameProblem(
  value: string,
): 'form_username_invalid_length' | 'form_username_invalid_character' | undefined {
  if (value.length < 4 || value.length > 64) return 'form_username_invalid_length'
  return /^[A-Za-z0-9_-]+$/.test(value) ? undefined : 'form_username_invalid_character'
}

/** Whether it is an Ethereum address, or a Solana address in base58. */
export function isWalletAddress(value: string): boolean {
  return /^0x[0-9a-f]{40}$/i.test(value) || /^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(value)
}
