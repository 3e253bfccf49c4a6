// Runs Clerk in a separate process, so that its work does not count: node upstream.js <tokens> <delay in ms>.
import { startLocalClerk } from '@clerk-auth/local'

const [, , count, delay] = process.argv
const local = await startLocalClerk()
const tokens = await Promise.all(Array.from({ length: Number(count) }, () => local.m2mToken()))
local.fault('verifyM2MToken', { delayInMs: Number(delay) })

process.send?.({ apiUrl: local.env.CLERK_API_URL, machineSecretKey: local.env.CLERK_MACHINE_SECRET_KEY, tokens })
process.on('message', () => process.send?.(local.calls('verifyM2MToken')))
process.on('disconnect', () => process.exit())
