import type { AnyAuth, AuthByTokenType } from '../auth/auth.js'
import type { TokenType } from '../auth/errors.js'
import type { Role } from '../auth/register.js'

/** The caller that a guard with these kinds and fields accepts. */
export type AuthOfRequirement<A, Field> = InOrganization<AuthOfAcceptsToken<A>, Field>

/** The caller that a guard with a list of requirements accepts. */
export type AuthOfRequirements<R extends readonly unknown[]> = R[number] extends infer One
  ? One extends unknown
    ? AuthOfRequirement<One extends { readonly acceptsToken: infer A } ? A : 'session_token', RequiredKeyOf<One>>
    : never
  : never

/** The caller with a token of one of these kinds. */
export type AuthOfAcceptsToken<A> = A extends 'any'
  ? AnyAuth
  : A extends readonly (infer K extends TokenType)[]
    ? AuthByTokenType[K]
    : A extends TokenType
      ? AuthByTokenType[A]
      : never

/** With `role`, `permission` or `org`, the caller has an active organization. */
type InOrganization<Caller, Field> = 'role' extends Field
  ? WithRole<Caller>
  : 'permission' extends Field
    ? WithRole<Caller>
    : 'org' extends Field
      ? WithOrganization<Caller>
      : Caller
type WithOrganization<Caller> = Caller extends { readonly orgId: unknown } ? Caller & { readonly orgId: string } : never
type WithRole<Caller> = Caller extends { readonly orgRole: unknown }
  ? Caller & { readonly orgId: string; readonly orgRole: Role }
  : never

type RequiredKeyOf<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T]
