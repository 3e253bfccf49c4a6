const { startLocalClerk } = require('@clerk-auth/local')
const { ask } = require('../ask.cjs')

const { serve } = require(`./${process.argv[2]}.js`)
void ask(startLocalClerk, serve).then((statuses) => console.log(JSON.stringify(statuses)))
