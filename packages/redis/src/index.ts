export type { RedisClient } from './connection.js'
export { redisStore, type RedisStoreOptions } from './redis-store.js'
