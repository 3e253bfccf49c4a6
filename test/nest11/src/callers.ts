/** The local instance, and tokens of it, from the test that runs Jest. */
export const issuer = given('TEST_ISSUER')
export const alice = given('TEST_ALICE')
export const bob = given('TEST_BOB')

function given(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: run these tests through test/nest11.test.ts`)
  return value
}
