import { Hono } from 'hono'
import { stream, streamSSE, streamText } from 'hono/streaming'

/** Uploads and downloads. Mounted behind a guard. */
export const media = new Hono()
  .get('/', (c) => c.json([]))
  .post('/', async (c) => c.json({ size: (await c.req.arrayBuffer()).byteLength }, 201))
  .get('/:id', (c) => stream(c, async (out) => void (await out.write(new Uint8Array(3)))))
  .get('/:id/events', (c) => streamSSE(c, async (out) => out.writeSSE({ data: '1' })))
  .get('/:id/transcript', (c) => streamText(c, async (out) => void (await out.write('abc'))))
  .get('/:id/parts/*', (c) => c.body(null, 204))
  .delete('/:id', (c) => c.body(null, 204))
