// An application that has the keys of another instance in code.
import { clerkAuth, requireAuth } from '@clerk-auth/express'
import { generateKeyPairSync } from 'node:crypto'
import express from 'express'

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwtKey = publicKey.export({ type: 'spki', format: 'pem' }).toString()

export default express()
  .use(clerkAuth({ jwtKey, frontendApiUrl: 'http://127.0.0.1:1' }))
  .get('/me', requireAuth(), (_req, res) => void res.json({}))
