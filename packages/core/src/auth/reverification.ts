/** How recently, and with which factors, a user must have been verified. */
export type Reverification =
  | 'strict_mfa'
  | 'strict'
  | 'moderate'
  | 'lax'
  | {
      readonly level: 'first_factor' | 'second_factor' | 'multi_factor'
      /** Minutes since the verification, more than 0. */
      readonly afterMinutes: number
    }

/** Minutes since the first and second factor were verified; -1 for a factor that is not enrolled. */
export type FactorVerificationAge = readonly [firstFactor: number, secondFactor: number]

type Level = Exclude<Reverification, string>['level']

const PRESETS = {
  strict_mfa: { level: 'multi_factor', afterMinutes: 10 },
  strict: { level: 'second_factor', afterMinutes: 10 },
  moderate: { level: 'second_factor', afterMinutes: 60 },
  lax: { level: 'second_factor', afterMinutes: 1440 },
} as const

const LEVELS: ReadonlySet<unknown> = new Set<Level>(['first_factor', 'second_factor', 'multi_factor'])

const NOT_ENROLLED = -1

/** Whether `value` is one of Clerk's presets, or a level with an age in minutes. */
export function isReverification(value: unknown): value is Reverification {
  if (typeof value === 'string') return Object.hasOwn(PRESETS, value)
  if (typeof value !== 'object' || value === null) return false
  const { level, afterMinutes } = value as Record<string, unknown>
  return LEVELS.has(level) && typeof afterMinutes === 'number' && Number.isFinite(afterMinutes) && afterMinutes > 0
}

/** Reads the claim `fva`. Anything but two ages proves nothing and gives `null`. */
export function factorAges(fva: unknown): FactorVerificationAge | null {
  if (!Array.isArray(fva) || fva.length !== 2) return null
  const [first, second] = fva as readonly unknown[]
  return isAge(first) && isAge(second) ? [first, second] : null
}

function isAge(age: unknown): age is number {
  return typeof age === 'number' && Number.isFinite(age) && (age === NOT_ENROLLED || age >= 0)
}

/**
 * Whether the factors were verified recently enough. For users without a second factor, the first one is checked
 * instead.
 * Source: https://clerk.com/docs/guides/secure/reverification
 */
export function isReverified(ages: FactorVerificationAge | null, asked: Reverification): boolean {
  if (!ages) return false
  const { level, afterMinutes } = typeof asked === 'string' ? PRESETS[asked] : asked
  const [first, second] = ages
  const isFresh = (age: number) => age !== NOT_ENROLLED && age < afterMinutes

  if (level === 'first_factor') return isFresh(first)
  if (second === NOT_ENROLLED) return isFresh(first)
  if (level === 'second_factor') return isFresh(second)
  return isFresh(first) && isFresh(second)
}
