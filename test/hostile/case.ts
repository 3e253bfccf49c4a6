import type { AuthErrorCode } from '@clerk-auth/core'
import type { ApiName } from './apis.js'

/** What a caller sends. */
export type Sent =
  /** After `Authorization: Bearer `. */
  | { readonly token: string }
  /** The whole value of `Authorization`. */
  | { readonly authorization: string }
  /** All header fields, with or without `Authorization`. */
  | { readonly fields: readonly Field[] }
  /** A value that is not a string, which only an application can pass to core. */
  | { readonly value: unknown }

export type Field = readonly [name: string, value: string]

/** A hostile request and its expected outcome. */
export interface RequestCase {
  readonly name: string
  readonly send: Sent
  readonly method: string
  /** Default: `/me`, which requires a signed-in user. */
  readonly to: string
  readonly body?: string
  /** The configuration that receives it. */
  readonly api: ApiName
  /** A token that was accepted just before. */
  readonly after?: string
  /** The configuration that accepted it. Default: the same. */
  readonly afterAt?: ApiName
  /** Milliseconds by which the clock has moved. */
  readonly at: number
  /** Whether it may cause requests to the issuer, for keys or introspection. Requests to other hosts are never allowed. */
  readonly mayAsk: boolean
  readonly outcome: Outcome
}

export type Outcome =
  | {
      readonly code: AuthErrorCode
      /** The code from `verifyToken`, which gets the token without a header. Default: the same. */
      readonly bare?: AuthErrorCode
      /** Whether the HTTP parser rejects the request before it reaches us. */
      readonly byParser?: true
    }
  /** It is accepted, and the handler sees these properties. */
  | { readonly sees: object }
  /** Refused, or not found: it never reaches the handler. */
  | { readonly never: 'passes' }
  /** Node responds itself. */
  | { readonly status: number }

/** An invalid configuration: a `TypeError` at start, which names the option. */
export interface ConfigurationCase {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly option: string
}

export type Case = RequestCase | ConfigurationCase

export type Details = Partial<Omit<RequestCase, 'name' | 'send' | 'outcome'>>

const DEFAULTS = { method: 'GET', to: '/me', api: 'default', at: 0, mayAsk: false } as const

/** Tokens by name, all refused with the same code. */
export function refused(code: AuthErrorCode, tokens: Readonly<Record<string, string>>, details: Details = {}): Case[] {
  return Object.entries(tokens).map(([name, token]) => asCase(name, { token }, { code }, details))
}

/** Accepted tokens by name, and what the handler must see. */
export function accepted(sees: object, tokens: Readonly<Record<string, string>>, details: Details = {}): Case[] {
  return Object.entries(tokens).map(([name, token]) => asCase(name, { token }, { sees }, details))
}

/** Values of `Authorization` by name, all with the same outcome. */
export function headers(outcome: Outcome, values: Readonly<Record<string, string>>, details: Details = {}): Case[] {
  return Object.entries(values).map(([name, authorization]) => asCase(name, { authorization }, outcome, details))
}

/** Header fields by case name, all with the same outcome. */
export function requests(
  outcome: Outcome,
  values: Readonly<Record<string, readonly Field[]>>,
  details: Details = {},
): Case[] {
  return Object.entries(values).map(([name, fields]) => asCase(name, { fields }, outcome, details))
}

export function asCase(name: string, send: Sent, outcome: Outcome, details: Details = {}): RequestCase {
  return { ...DEFAULTS, ...details, name, send, outcome }
}

/** Invalid options by name, each an object with the single option that the error must name. */
export function misconfigured(options: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Case[] {
  return Object.entries(options).map(([name, invalid]) => ({
    name,
    options: invalid,
    option: Object.keys(invalid)[0] ?? '',
  }))
}

/** Names each value by its JSON. */
export function named<T>(values: readonly T[], what: (value: T) => string): Record<string, string> {
  return Object.fromEntries(values.map((value) => [JSON.stringify(value) ?? 'undefined', what(value)]))
}
