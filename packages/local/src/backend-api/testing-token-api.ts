import { jsonAnswer } from '../api/answer.js'
import type { Endpoint } from '../api/endpoint.js'
import { randomWord } from '../model/ids.js'

const LIFETIME_IN_SECONDS = 3600

/** Testing tokens let automated tests bypass a frontend's bot protection. Times are in seconds. */
export function testingTokenApi(now: () => number): Endpoint {
  return {
    operation: 'CreateTestingToken',
    method: 'POST',
    path: '/v1/testing_tokens',
    answer() {
      const issuedAt = Math.floor(now() / 1000)
      return jsonAnswer({
        object: 'testing_token',
        token: `${issuedAt}-c_${randomWord(43)}`,
        expires_at: issuedAt + LIFETIME_IN_SECONDS,
      })
    },
  }
}
