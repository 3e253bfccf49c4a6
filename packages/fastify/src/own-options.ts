/** The options of Fastify's `register` itself, which are not ours. */
const OWN_TO_FASTIFY = ['prefix', 'logLevel', 'logSerializers']

/** The options of a plugin, without those of Fastify. */
export function ownOptions<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !OWN_TO_FASTIFY.includes(name))) as T
}
