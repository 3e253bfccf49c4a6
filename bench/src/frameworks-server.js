// One server with one guard: node frameworks-server.js <framework> <guard>, with BENCH_JWT_KEY and BENCH_USER_ID.
const [, , framework = '', guard = ''] = process.argv
/** @type {typeof import('./frameworks-express.js')} */
const { start } = await import(`./frameworks-${framework.toLowerCase()}.js`)
const { port } = await start(guard)

process.send?.(port)
process.on('message', () => process.send?.(process.cpuUsage()))
process.on('disconnect', () => process.exit())
