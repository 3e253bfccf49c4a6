import { requireAuth } from '@clerk-auth/express'
import express from 'express'

const names = ['revenue', 'churn', 'usage', 'growth']

/** A route for each report. Mounted behind a guard. */
export const reports = express.Router()
reports.use(requireAuth({ org: true, permission: 'org:reports:read' }))
for (const name of names) {
  reports.get(`/${name}`, (_req, res) => res.json({ name }))
  reports.post(`/${name}/refresh`, requireAuth({ role: 'org:admin' }), (_req, res) => res.status(202).end())
}
reports.get('/:name/:year/:month', (req, res) => res.json(req.params))
reports.get('/:name{.:format}', (req, res) => res.json(req.params))
