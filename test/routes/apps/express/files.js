import { pipeline } from 'node:stream'
import { requireAuth } from '@clerk-auth/express'
import express from 'express'

/** Uploads and downloads. Mounted behind a guard. */
export const files = express.Router()

files
  .route('/')
  .get((_req, res) => res.json([]))
  .post(requireAuth(), express.raw({ type: '*/*', limit: '10mb' }), (_req, res) => res.status(201).end())
files.head('/:fileId', (_req, res) => res.set('Content-Length', '3').end())
files.get('/:fileId', (_req, res) => res.type('text/plain').send('abc'))
files.get('/:fileId/content/{*path}', (_req, res) => res.send('abc'))
files.get(/^\/archive-(\d{4})$/, (_req, res) => res.send('abc'))
files.put('/:fileId/content', requireAuth(), (req, res) => {
  pipeline(
    req,
    async (chunks) => {
      for await (const chunk of chunks) void chunk
    },
    () => res.status(204).end(),
  )
})
files.delete('/:fileId', requireAuth(), (_req, res) => res.status(204).end())
files.get('/:fileId/events', requireAuth(), (_req, res) => {
  res.type('text/event-stream').write('data: 1\n\n')
  res.end()
})
