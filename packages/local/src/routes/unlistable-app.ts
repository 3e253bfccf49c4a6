/** An application that cannot be listed. The message is one line for the user. */
export class UnlistableApp extends Error {
  override readonly name = 'UnlistableApp'
}
