/**
 * Writes what guards require into OpenAPI documents. For authors of adapters: applications import
 * `@clerk-auth/express/openapi` and the like.
 */
export { documentOperations } from './document-operations.js'
export { documentRoutes } from './document-routes.js'
export type { GuardsAt } from './document-routes.js'
export type { GuardsOf, Operation } from './document-operations.js'
export type { DocumentOptions } from './security.js'
