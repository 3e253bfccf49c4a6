/** The code that verifies a test email address or phone number: https://clerk.com/docs/testing/test-emails-and-phones */
export const TEST_CODE = '424242'

/** Whether it has the subaddress `+clerk_test`, as in `jane+clerk_test@example.com`. */
export function isTestEmail(emailAddress: string): boolean {
  return /^[^@]*\+clerk_test@[^@]+$/i.test(emailAddress)
}

/** Whether it is one of +1 XXX 555-0100 to +1 XXX 555-0199, in E.164. */
export function isTestPhone(phoneNumber: string): boolean {
  return /^\+1\d{3}55501\d{2}$/.test(phoneNumber)
}
