import type { AcceptsToken, SessionAuth, Unauthenticated } from '@clerk-auth/core'
import type { AuthOfAcceptsToken, GetAuthOptions } from '@clerk-auth/core/adapter'
import { mcpAuthInfo, type McpAuthInfo, type McpCaller } from '@clerk-auth/core/mcp'
import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { callOf } from './call.js'
import { getAuth, getToken } from './get-auth.js'
import { marksOf } from './mark.js'
import type { Guard } from './require-auth.js'

/** A parameter decorator that compiles only if the parameter's type can hold a `Value`. */
export type ParameterOf<Value> = <T, Key extends keyof T, Index extends number>(
  target: T,
  key: Key | undefined,
  index: Accepts<T[Key], Index, Value>,
) => void

type Accepts<Method, Index extends number, Value> = Method extends (...parameters: infer Parameters) => unknown
  ? [Value] extends [Parameters[Index]]
    ? Index
    : TypeMismatch<Value>
  : number

/** Appears in compiler errors: the parameter's type does not accept this value. */
export interface TypeMismatch<Value> {
  readonly declareTheParameterAs: Value
}

/**
 * The caller that the guards of the route accepted, as a handler's parameter: `@Auth() auth: SessionAuth`. With a guard,
 * the caller that it accepted: `@Auth(Admin) auth: AuthOf<typeof Admin>`.
 *
 * The request fails with a `TypeError` if the route is public, if it also accepts other kinds of token and no guard is
 * given, or if the given guard has not accepted the request.
 */
export function Auth(): ParameterOf<SessionAuth>
export function Auth<A>(guard: Guard<A>): ParameterOf<A>
export function Auth(guard?: Guard<unknown>): unknown {
  return parameter((context) => {
    if (guard) return getAuth(context, guard)
    checkAcceptsOnlySessions(context)
    return getAuth(context)
  })
}

/** The caller of a public route, who may be unauthenticated. Pass `acceptsToken` to accept other kinds of token. */
export function OptionalAuth(): ParameterOf<SessionAuth | Unauthenticated>
export function OptionalAuth<const A extends AcceptsToken = 'session_token'>(
  options: GetAuthOptions<A>,
): ParameterOf<AuthOfAcceptsToken<A> | Unauthenticated>
export function OptionalAuth(options: GetAuthOptions = {}): unknown {
  return parameter((context) => getAuth(context, options))
}

/** The caller's token, to forward to another service; `null` if there is none. */
export function Token(): ParameterOf<string | null> {
  return parameter(getToken) as ParameterOf<string | null>
}

/**
 * Describes the caller that the guard accepted to an official MCP SDK: `@McpAuth(Reads) authInfo: McpAuthInfo`.
 *
 * The request fails with a `TypeError` if the guard has not accepted it.
 */
export function McpAuth<A extends McpCaller>(guard: Guard<A>): ParameterOf<McpAuthInfo> {
  return parameter((context) => {
    const { holder, source } = callOf(context)
    return mcpAuthInfo(holder, source, guard)
  }) as ParameterOf<McpAuthInfo>
}

function parameter(read: (context: ExecutionContext) => unknown): ParameterDecorator {
  return createParamDecorator((_data: unknown, context: ExecutionContext) => read(context))()
}

function checkAcceptsOnlySessions(context: ExecutionContext): void {
  const marks = marksOf(context)
  if (marks[0]?.isPublic) throw new TypeError('@Auth() is used on a public route: use @OptionalAuth()')
  if (marks.length > 0 && !marks.some(({ acceptsOnlySessions }) => acceptsOnlySessions))
    throw new TypeError(
      '@Auth() is used on a route that accepts tokens other than session tokens: pass the guard, @Auth(guard)',
    )
}
