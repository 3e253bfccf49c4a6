/**
 * The types of your instance, filled in by augmenting the package that you import:
 *
 * ```ts
 * declare module '@clerk-auth/express' {
 *   interface Register {
 *     claims: { plan: 'free' | 'pro' }
 *     role: 'org:admin' | 'org:member'
 *     permission: 'org:invoices:create' | 'org:invoices:read'
 *   }
 * }
 * ```
 *
 * These types are not checked at run time: the custom claims of a token may differ.
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- empty until a user augments it
export interface Register {}

/** A role of the organization, such as `org:admin`. */
export type Role = Register extends { role: infer R extends string } ? R : string

/** A permission of the organization, such as `org:invoices:create`. */
export type Permission = Register extends { permission: infer P extends string } ? P : string

/** The custom claims of a session token. */
export type CustomClaims = Register extends { claims: infer C extends object } ? C : Record<string, unknown>
