import { randomWord } from '../../model/ids.js'
import { operation } from '../operation.js'

const LIFETIME_IN_SECONDS = 3600

/** Testing tokens let automated tests bypass a frontend's bot protection. Times are in seconds. */
export const testingTokens = [
  operation('CreateTestingToken', 'POST /v1/testing_tokens', {
    run({ world }) {
      const issuedAt = Math.floor(world.now() / 1000)
      return {
        object: 'testing_token',
        token: `${issuedAt}-c_${randomWord(43)}`,
        expires_at: issuedAt + LIFETIME_IN_SECONDS,
      }
    },
  }),
]
