import { startLocalClerk } from '@clerk-auth/local'
import { ask } from '../ask.cjs'

const { serve } = await import(`./${process.argv[2]}.js`)
console.log(JSON.stringify(await ask(startLocalClerk, serve)))
