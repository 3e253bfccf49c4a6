/**
 * OAuth protected resources, such as MCP servers. For authors of adapters. Applications import `protectedResource` from
 * their adapter, such as `@clerk-auth/express/mcp`.
 */
export { mcpAuthInfo } from './auth-info.js'
export type { McpAuthInfo, McpCaller } from './auth-info.js'
export type { MetadataAnswer, ProtectedResourceMetadata } from './metadata.js'
export type { ProtectedResourceOptions } from './options.js'
export { protectedResource } from './protected-resource.js'
export type { ProtectedResource } from './protected-resource.js'
