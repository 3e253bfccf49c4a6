// A service that calls another one as a machine.
import { createMachineClient } from '@clerk-auth/core'
import express from 'express'

const api = process.env.INVOICES_URL ?? 'http://localhost:3005'
const machine = createMachineClient({
  machineSecretKey: () => process.env.CLERK_MACHINE_SECRET_KEY ?? '', // read again after a rotation
  origins: [api], // the token is not sent to other origins
})

const app = express()
app.get('/report', async (_req, res) => {
  const answer = await machine.fetch(`${api}/internal/invoices`)
  res.status(answer.status).json(await answer.json())
})

const port = Number(process.env.PORT ?? 3006)
app.listen(port, () => console.log(`The calling service listens on http://localhost:${port}`))
