/** The parts of `@clerk-auth/core` that are used here. The application's own version is loaded, not one of ours. */
export interface Core {
  readonly createClerkAuth: (options: object, environment: Readonly<Record<string, string | undefined>>) => Verifier
  readonly checkRequirement: (auth: CallerAuth, requirement: readonly object[]) => Refusal | undefined
}

interface Verifier {
  readonly authenticate: (source: { readonly headers: object }) => Promise<CallerAuth>
  readonly close: () => void
}

/** Who core says is calling. */
export interface CallerAuth {
  readonly isAuthenticated: boolean
  readonly userId?: string | null
  readonly orgId?: string | null
  readonly machineId?: string
}

interface Refusal {
  readonly code: string
}
